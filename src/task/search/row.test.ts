import { describe, expect, test } from 'vitest';
import { encyclopaedia } from './encyclopaedia.ts';
import { searchTest, searchTrain } from './row.ts';
import { searchResult } from './search-tool.ts';

const train = searchTrain();
const heldOut = searchTest();

describe('rows of the search task', () => {
  test('are all different, half of one hop and half of two, and the same every time', () => {
    for (const rows of [train, heldOut]) {
      expect(new Set(rows.map(({ question }) => question)).size).toBe(rows.length);
      expect(rows.filter(({ searches }) => searches.length === 2).length).toBe(rows.length / 2);
    }
    expect([train.length, heldOut.length]).toEqual([4096, 1024]);
    expect(searchTest()).toEqual(heldOut);
  });

  test('nothing that a held-out question asks about, passes by or leads to occurs in a training question', () => {
    const seen = new Set(train.flatMap(({ answer, searches }) => [answer, ...searches]));
    const years = /^\d{4}$/;
    for (const { answer, searches } of heldOut) for (const name of [answer, ...searches]) expect(seen.has(name) && !years.test(name), name).toBe(false);
  });

  test('a question is answered by its searches in the real index: each brings the right article first, the last one holds the answer', () => {
    const index = encyclopaedia().index();
    for (const { question, answer, searches } of [...train, ...heldOut].filter((_, i) => i % 10 === 0)) {
      const results = searches.map((query) => searchResult(index, query));
      for (const [i, name] of searches.entries()) expect(results[i]?.startsWith(`- ${name}`), question).toBe(true);
      if (searches[1] !== undefined) expect(results[0], question).toContain(searches[1]);
      expect(results.at(-1), question).toContain(answer);
    }
  });

  test('no answer is frequent enough to be worth guessing', () => {
    const counts = new Map<string, number>();
    for (const { answer } of heldOut) counts.set(answer, (counts.get(answer) ?? 0) + 1);
    expect(Math.max(...counts.values()) / heldOut.length).toBeLessThan(0.03);
  });
});
