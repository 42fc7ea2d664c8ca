import { describe, expect, test } from 'vitest';
import { learningRateAt, SCHEDULES, type LearningRateSchedule } from './schedule.ts';

const schedule = (change: Partial<LearningRateSchedule> = {}): LearningRateSchedule => ({
  learningRate: 0.01,
  kind: 'constant',
  warmupSteps: 4,
  totalSteps: 14,
  finalShare: 0.1,
  ...change,
});

test.each(SCHEDULES)('%s: rises in equal steps to the highest rate at the end of the warm-up', (kind) => {
  const rates = [1, 2, 3, 4].map((step) => learningRateAt(schedule({ kind }), step));
  rates.forEach((rate, i) => expect(rate).toBeCloseTo(0.0025 * (i + 1), 12));
});

test.each(SCHEDULES)('%s: without a warm-up the first step is never at 0', (kind) => {
  expect(learningRateAt(schedule({ kind, warmupSteps: 0 }), 1)).toBeGreaterThan(0.009);
});

test('constant stays', () => {
  for (const step of [5, 14, 1000]) expect(learningRateAt(schedule(), step)).toBe(0.01);
});

describe.each(['linear', 'cosine'] as const)('%s', (kind) => {
  const at = (step: number, change: Partial<LearningRateSchedule> = {}): number => learningRateAt(schedule({ kind, ...change }), step);

  test('is half way down in the middle and at its final share at the last step', () => {
    expect(at(9)).toBeCloseTo(0.0055, 12);
    expect(at(14)).toBeCloseTo(0.001, 12);
    expect(at(14, { finalShare: 0 })).toBeCloseTo(0, 12);
  });

  test('falls at every step and stays at its final share afterwards', () => {
    for (let step = 5; step <= 14; step++) expect(at(step)).toBeLessThan(at(step - 1));
    expect(at(15)).toBe(at(14));
    expect(at(1000)).toBe(at(14));
  });

  test('a run no longer than its warm-up stays finite', () => {
    expect(at(3, { totalSteps: 3 })).toBeCloseTo(0.0075, 12);
    expect(Number.isFinite(at(5, { totalSteps: 3 }))).toBe(true);
  });
});

test('a quarter of the way: linear 1 - 1/4, cosine (1 + cos(pi/4)) / 2', () => {
  const at = (kind: 'linear' | 'cosine') => learningRateAt(schedule({ kind, warmupSteps: 0, totalSteps: 8, finalShare: 0.2 }), 2);
  expect(at('linear')).toBeCloseTo(0.01 * (0.2 + 0.8 * 0.75), 12);
  expect(at('cosine')).toBeCloseTo(0.01 * (0.2 + 0.8 * ((1 + Math.SQRT1_2) / 2)), 12);
});

test.each([0, -1, NaN, Infinity])('a learning rate of %s is refused', (learningRate) => {
  expect(() => learningRateAt(schedule({ learningRate }), 1)).toThrow(`The learning rate is ${learningRate}; it must be a positive number`);
});
