import { describe, expect, test } from 'vitest';
import { FullTextIndex } from './full-text-index.ts';

const index = new FullTextIndex([
  { title: 'Trout', text: 'Trout live in rivers and lakes.' },
  { title: 'River', text: 'Water that flows to the sea.' },
  { title: 'Boats', text: 'Boats are rowed on a river, on a lake and on the sea.' },
  { title: "Rock'n'roll", text: 'Music with AND, OR and NEAR in its lyrics.' },
]);
const titles = (query: string, limit = 3): string[] => index.search(query, limit).map(({ title }) => title);

describe('FullTextIndex', () => {
  test('finds other forms of a word, and a word in the title before one in the text', () => {
    expect(titles('rivers')[0]).toBe('River');
    expect(titles('rivers').toSorted()).toEqual(['Boats', 'River', 'Trout']);
  });

  test('finds what has some of the words, and first what has the rare ones', () => {
    expect(titles('rowing on the river', 1)).toEqual(['Boats']);
    expect(titles('trout submarine')).toEqual(['Trout']);
  });

  test('gives as many as are asked for, and none for words that occur nowhere or a query without words', () => {
    expect(titles('river', 2)).toHaveLength(2);
    expect(titles('submarine')).toEqual([]);
    expect(titles('')).toEqual([]);
    expect(titles(' -- "" ')).toEqual([]);
  });

  test("takes nothing in a query for FTS5's language", () => {
    expect(titles('title: trout')).toEqual(['Trout']);
    expect(titles('NOT (river')).toContain('River');
    expect(titles('"unfinished AND rock\'n\'roll *')).toEqual(["Rock'n'roll"]);
    expect(titles('and')).toContain("Rock'n'roll");
    expect(titles('trout"; DROP TABLE article')).toEqual(['Trout']);
    expect(titles('NEAR(x y)')[0]).toBe("Rock'n'roll");
  });
});
