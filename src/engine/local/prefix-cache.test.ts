import { expect, test } from 'vitest';
import { PrefixCache } from './prefix-cache.ts';

/** 100 bytes a token. */
const values = (tokens: readonly number[]): Float32Array => new Float32Array(25 * tokens.length);
function cacheOf(limit: number, ...sequences: number[][]): PrefixCache {
  const cache = new PrefixCache(limit);
  for (const tokens of sequences) cache.keep(tokens, values(tokens));
  return cache;
}

test('gives the sequence that shares most tokens from the start', () => {
  const cache = cacheOf(10_000, [1, 2, 3, 4], [1, 2, 9], [7, 1, 2, 3]);
  expect(cache.longest([1, 2, 3, 5])).toMatchObject({ length: 3, packedLength: 4 });
  expect(cache.longest([1, 2, 9, 9])).toMatchObject({ length: 3, packedLength: 3 });
  expect(cache.longest([1])).toMatchObject({ length: 1 });
  expect(cache.longest([5, 1, 2])).toBeUndefined();
  expect(cache.longest([])).toBeUndefined();
});

test('a sequence takes the place of those that it continues', () => {
  const cache = cacheOf(10_000, [1, 2], [1, 3], [1, 2, 3]);
  expect(cache.bytes).toBe(500);
  expect(cache.holds([1, 2])).toBe(true);
  expect(cache.holds([1, 2, 3, 4])).toBe(false);
});

test('what was not used longest goes first when the bytes run out', () => {
  const cache = cacheOf(1000, [1, 1, 1], [2, 2, 2], [3, 3, 3]);
  cache.longest([1]);
  cache.keep([4, 4, 4], values([4, 4, 4]));
  expect([1, 2, 3, 4].filter((token) => cache.longest([token]))).toEqual([1, 3, 4]);
  cache.limit = 300;
  expect([1, 2, 3, 4].filter((token) => cache.longest([token]))).toEqual([4]);
  expect(cache.fits(301)).toBe(false);
  cache.forget();
  expect(cache.bytes).toBe(0);
  expect(cache.longest([4])).toBeUndefined();
});
