import { describe, expect, test } from 'vitest';
import { Random } from '../random.ts';
import { chance, drawQuality, drawWeighted } from './traces.ts';

describe('drawWeighted', () => {
  test('draws in proportion to the weights', () => {
    const random = new Random(1);
    const counts = { a: 0, b: 0, c: 0 };
    const weights = { a: 6, b: 2, c: 0 };
    for (let i = 0; i < 4000; i++) counts[drawWeighted(['a', 'b', 'c'] as const, (item) => weights[item], random)]++;
    expect(counts.c).toBe(0);
    expect(counts.a / 4000).toBeCloseTo(0.75, 1);
  });

  test('refuses weights that choose nothing', () => {
    expect(() => drawWeighted(['a'], () => 0, new Random(1))).toThrow('the weights add up to 0');
    expect(() => drawWeighted(['a'], () => NaN, new Random(1))).toThrow('the weights add up to NaN');
    expect(() => drawWeighted([], () => 1, new Random(1))).toThrow('the weights add up to 0');
  });
});

describe('drawQuality', () => {
  test('gives only what the mix contains', () => {
    const random = new Random(1);
    for (let i = 0; i < 50; i++) expect(drawQuality({ careful: 0, hasty: 1, sloppy: 0 }, random)).toBe('hasty');
  });
});

describe('chance', () => {
  test('of 0 never happens and takes no draw; of 1 always happens', () => {
    const random = new Random(1);
    const untouched = new Random(1);
    for (let i = 0; i < 20; i++) expect(chance(0, random)).toBe(false);
    expect(random.uniform()).toBe(untouched.uniform());
    for (let i = 0; i < 20; i++) expect(chance(1, random)).toBe(true);
  });
});
