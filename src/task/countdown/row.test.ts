import { describe, expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { countdown } from './countdown.ts';
import { countdownTest, countdownTrain, drawCountdownRow, isHeldOutCountdown, reachableTargets } from './row.ts';
import type { CountdownRow } from './row.ts';

const canonical = (row: CountdownRow): string => `${row.numbers.toSorted((a, b) => a - b).join(' ')} ${row.target}`;

describe('countdown rows', () => {
  const train = countdownTrain();
  const held = countdownTest();

  test('are 8,192 to train on and 1,024 held out, all different problems and none in both', () => {
    expect(train).toHaveLength(8192);
    expect(held).toHaveLength(1024);
    expect(new Set([...train, ...held].map(canonical)).size).toBe(8192 + 1024);
    expect(train.some(isHeldOutCountdown)).toBe(false);
    expect(held.every(isHeldOutCountdown)).toBe(true);
  });

  test('are always the same', () => {
    expect(countdownTrain()).toEqual(train);
    expect(countdownTest()).toEqual(held);
    expect(train.slice(0, 2).map((row) => countdown.prompt(row))).toEqual(['Make 84 from 9 9 3.\n', 'Make 21 from 11 5 5.\n']);
  });

  test('have numbers from 2 to 20 and a target from 1 to 99 that can be reached', () => {
    for (const { numbers, target } of [...train, ...held]) {
      expect(numbers.every((number) => Number.isInteger(number) && number >= 2 && number <= 20)).toBe(true);
      expect(target >= 1 && target <= 99 && reachableTargets(numbers).includes(target)).toBe(true);
    }
    expect(reachableTargets([2, 2, 2])).toEqual([1, 2, 3, 6, 8]);
  });

  test('belong to one split whatever the order of the numbers, about one in ten to the held-out one', () => {
    expect(isHeldOutCountdown({ numbers: [12, 3, 7], target: 33 })).toBe(isHeldOutCountdown({ numbers: [3, 7, 12], target: 33 }));
    const random = new Random(7);
    const rows = Array.from({ length: 5000 }, (): CountdownRow => {
      return { numbers: [random.integer(2, 20), random.integer(2, 20), random.integer(2, 20)], target: random.integer(1, 99) };
    });
    const share = rows.filter(isHeldOutCountdown).length / rows.length;
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.12);
  });

  test('drawn fresh are never held out', () => {
    const random = new Random(3);
    for (let i = 0; i < 5000; i++) expect(isHeldOutCountdown(drawCountdownRow(random))).toBe(false);
  });
});
