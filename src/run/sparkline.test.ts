import { expect, test } from 'vitest';
import { sparkline } from './sparkline.ts';

test('draws each value at its height, scaled to the values', () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 20)).toBe('▁▂▃▄▅▆▇█');
  expect(sparkline([-1, 1], 2)).toBe('▁█');
});

test('scales to a given range and clamps what lies beyond', () => {
  expect(sparkline([-5, 0, 0.5, 1, 9], 5, [0, 1])).toBe('▁▁▅██');
});

test('averages when there are more values than blocks', () => {
  expect(sparkline([0, 2, 4, 6, 8, 10], 3, [0, 10])).toBe('▁▅█');
  expect(sparkline(Array.from({ length: 1000 }, (_, i) => i), 8, [0, 1000])).toBe('▁▂▃▄▅▆▇█');
});

test('a flat curve is at half height, no values are no text, a gap is blank', () => {
  expect(sparkline([3, 3, 3], 3)).toBe('▅▅▅');
  expect(sparkline([], 10)).toBe('');
  expect(sparkline([1, 2], 0)).toBe('');
  expect(sparkline([0, NaN, 1], 3)).toBe('▁ █');
});
