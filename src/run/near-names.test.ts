import { expect, test } from 'vitest';
import { editDistance, nearNames } from './near-names.ts';

test('editDistance counts insertions, deletions and substitutions', () => {
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(editDistance('', 'abc')).toBe(3);
  expect(editDistance('same', 'same')).toBe(0);
});

test('nearNames finds typos and parts, nearest first, and nothing far', () => {
  const names = ['countdown', 'sorting', 'countdown-hard', 'gsm8k'];
  expect(nearNames('cuontdown', names)).toEqual(['countdown']);
  expect(nearNames('COUNT', names)).toEqual(['countdown', 'countdown-hard']);
  expect(nearNames('weather', names)).toEqual([]);
});
