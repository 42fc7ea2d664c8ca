import { describe, expect, test } from 'vitest';
import { closestName, editDistance, nearNames } from './near-names.ts';

describe('closestName', () => {
  const names = ['countdown', 'sort', 'maze'];

  test('finds the name that was meant', () => {
    expect(closestName('coutdown', names)).toBe('countdown');
    expect(closestName('contdwon', names)).toBe('countdown');
    expect(closestName('Sort', names)).toBe('sort');
    expect(closestName('srot', names)).toBe('sort');
    expect(closestName('mze', names)).toBe('maze');
  });

  test('finds none where nothing is near', () => {
    for (const typed of ['gsm8k', 'x', '', 'chess']) expect(closestName(typed, names), typed).toBeUndefined();
  });
});

describe('editDistance', () => {
  test('counts insertions, deletions, replacements and swaps', () => {
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('abc', '')).toBe(3);
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('maze', 'mzae')).toBe(1);
    expect(editDistance('same', 'same')).toBe(0);
  });
});

test('nearNames finds typos and parts, nearest first, and nothing far', () => {
  const names = ['countdown', 'sorting', 'countdown-hard', 'gsm8k'];
  expect(nearNames('cuontdown', names)).toEqual(['countdown']);
  expect(nearNames('COUNT', names)).toEqual(['countdown', 'countdown-hard']);
  expect(nearNames('weather', names)).toEqual([]);
});
