import { describe, expect, test } from 'vitest';
import { mean, passAtK, quantile, standardDeviation, wilsonInterval } from './statistics.ts';

describe('wilsonInterval', () => {
  // The interval's ends are where |p - k/n| = z sqrt(p (1 - p) / n).
  function byBisection(successes: number, n: number): [number, number] {
    const z = 1.959963984540054;
    const share = successes / n;
    const excess = (p: number): number => Math.abs(p - share) - z * Math.sqrt((p * (1 - p)) / n);
    const solve = (inside: number, outside: number): number => {
      for (let i = 0; i < 200; i++) {
        const middle = (inside + outside) / 2;
        if (excess(middle) > 0) outside = middle;
        else inside = middle;
      }
      return inside;
    };
    return [solve(share, 0), solve(share, 1)];
  }

  const shares: [number, number][] = [[1, 10], [5, 10], [81, 263], [15, 148], [500, 512], [1, 100_000]];
  test.each(shares)('%i of %i solves the equation that defines it', (successes, n) => {
    const [low, high] = wilsonInterval(successes, n);
    const [expectedLow, expectedHigh] = byBisection(successes, n);
    expect(low).toBeCloseTo(expectedLow, 10);
    expect(high).toBeCloseTo(expectedHigh, 10);
  });

  test('is one-sided at the ends', () => {
    const z2 = 1.959963984540054 ** 2;
    expect(wilsonInterval(0, 20)[0]).toBe(0);
    expect(wilsonInterval(0, 20)[1]).toBeCloseTo(z2 / (20 + z2), 12);
    expect(wilsonInterval(20, 20)[1]).toBe(1);
    expect(wilsonInterval(20, 20)[0]).toBeCloseTo(20 / (20 + z2), 12);
  });

  test('refuses what is no share', () => {
    for (const [successes, n] of [[0, 0], [-1, 5], [6, 5], [NaN, 5]] as const) {
      expect(() => wilsonInterval(successes, n)).toThrow(RangeError);
    }
  });
});

test('mean, deviation and quantiles of a written-out list', () => {
  const values = [4, 1, 3, 2];
  expect(mean(values)).toBe(2.5);
  expect(standardDeviation(values)).toBeCloseTo(Math.sqrt(1.25), 15);
  expect([0, 0.5, 0.75, 1].map((q) => quantile(values, q))).toEqual([1, 2.5, 3.25, 4]);
  expect(values).toEqual([4, 1, 3, 2]);
});

test('an empty list has no mean, deviation or median', () => {
  for (const statistic of [mean, standardDeviation, (values: number[]): number => quantile(values, 0.5)]) {
    expect(() => statistic([])).toThrow(RangeError);
  }
});

test('passAtK is the share of draws of k answers that hold a right one', () => {
  for (const [n, correct, k] of [[5, 2, 3], [6, 1, 2], [4, 0, 2], [4, 3, 2], [5, 5, 1]] as const) {
    let draws = 0;
    let hits = 0;
    for (let set = 0; set < 1 << n; set++) {
      const chosen = Array.from({ length: n }, (_, i) => i).filter((i) => (set >> i) & 1);
      if (chosen.length !== k) continue;
      draws++;
      if (chosen.some((i) => i < correct)) hits++;
    }
    expect(passAtK(n, correct, k)).toBeCloseTo(hits / draws, 12);
  }
  expect(() => passAtK(4, 1, 5)).toThrow(RangeError);
});
