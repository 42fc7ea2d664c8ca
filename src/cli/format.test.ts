import { expect, test } from 'vitest';
import { duration, percent, percentRange, tiny, whole } from './format.ts';

test.each([[0, '0 s'], [59.4, '59 s'], [59.6, '1 min 0 s'], [161, '2 min 41 s'], [3599.9, '1 h 0 min'], [7320, '2 h 2 min'], [-3, '0 s']])(
  '%f seconds are %s', (seconds, text) => expect(duration(seconds)).toBe(text),
);

test('shares are percentages with one decimal, counts have thousands', () => {
  expect(percent(0.6134)).toBe('61.3 %');
  expect(percentRange([0.27, 1])).toBe('27.0 to 100.0 %');
  expect(whole(21403.7)).toBe('21,404');
  expect([tiny(0), tiny(3.44e-9)]).toEqual(['0', '3.4e-9']);
});
