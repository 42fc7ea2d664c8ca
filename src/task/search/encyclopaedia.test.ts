import { describe, expect, test } from 'vitest';
import { encyclopaedia } from './encyclopaedia.ts';
import { kinds } from './entity.ts';

const { articles, entities, lookup } = encyclopaedia();

describe('encyclopaedia', () => {
  test('has at least 5,000 articles, of real and of invented things, each under a title of its own', () => {
    expect(articles.length).toBeGreaterThanOrEqual(5000);
    expect(new Set(articles.map(({ title }) => title)).size).toBe(articles.length);
    const texts = articles.map(({ text }) => text);
    expect(texts).toContain('Hydrogen is a chemical element with the symbol H and the atomic number 1.');
    expect(texts).toContain('Peru is a country in South America. Its capital is Lima and its currency the sol.');
    expect(articles.filter(({ title }) => title.startsWith('Mercury')).map(({ title }) => title)).toEqual(['Mercury (element)', 'Mercury (planet)']);
  });

  test('articles are short: one to three sentences that begin with the subject', () => {
    for (const { title, text } of articles) {
      expect(text.startsWith(title.replace(/ \(\w+\)$/, '')), text).toBe(true);
      expect(text.split(/\.(?: |$)/).filter((sentence) => sentence !== '').length, text).toBeLessThanOrEqual(3);
      expect(text.length, text).toBeLessThan(220);
    }
  });

  test('has every kind of invented thing in both splits, and no fact leads from one split into the other', () => {
    const names = { train: new Set(entities.train.map(({ name }) => name)), test: new Set(entities.test.map(({ name }) => name)) };
    for (const kind of kinds) expect(entities.test.some((entity) => entity.kind === kind), kind).toBe(true);
    expect(entities.test.length).toBeGreaterThan(300);
    for (const split of ['train', 'test'] as const) {
      const others = names[split === 'train' ? 'test' : 'train'];
      for (const { name, facts } of entities[split]) for (const text of [name, ...Object.values(facts)]) expect(others.has(text), text).toBe(false);
    }
  });

  test('an invented thing is found by its name, an unknown one is an error', () => {
    const [first] = entities.test;
    expect(lookup(first?.name ?? '')).toBe(first);
    expect(() => lookup('Atlantis')).toThrow('no invented Atlantis');
  });
});
