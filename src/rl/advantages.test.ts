import { describe, expect, test } from 'vitest';
import { groupAdvantages, isFlat, tokenFactors, type AdvantageKind } from './advantages.ts';

const kinds: readonly AdvantageKind[] = ['mean', 'standardized', 'rloo'];

function expectList(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 12));
}

describe('groupAdvantages', () => {
  const rewards = [1, 0, 0.5, 0];

  test('mean: what the reward has above the average of the group', () => {
    expectList(groupAdvantages(rewards, 'mean'), [0.625, -0.375, 0.125, -0.375]);
  });

  test('standardized: over the sample deviation plus 1e-4', () => {
    const deviation = Math.sqrt((0.625 ** 2 + 2 * 0.375 ** 2 + 0.125 ** 2) / 3);
    expectList(
      groupAdvantages(rewards, 'standardized'),
      [0.625, -0.375, 0.125, -0.375].map((centred) => centred / (deviation + 1e-4)),
    );
  });

  test('rloo: what the reward has above the average of the others', () => {
    expectList(groupAdvantages(rewards, 'rloo'), [1 - 0.5 / 3, 0 - 0.5, 0.5 - 1 / 3, 0 - 0.5]);
  });

  test.each(kinds)('%s: sums to 0, keeps the order, and ignores a constant added to all', (kind) => {
    const advantages = groupAdvantages(rewards, kind);
    expect(advantages.reduce((a, b) => a + b)).toBeCloseTo(0, 12);
    expect(Math.sign(advantages[0]! - advantages[2]!)).toBe(1);
    expectList(
      groupAdvantages(
        rewards.map((reward) => reward + 8),
        kind,
      ),
      advantages,
    );
  });

  test.each(kinds)('%s: a flat group has none, whatever rounding does to its mean', (kind) => {
    for (const flat of [[0.1, 0.1, 0.1], [1], [], [-7, -7]]) expect(groupAdvantages(flat, kind)).toEqual(flat.map(() => 0));
  });

  test.each([NaN, Infinity, -Infinity])('a reward of %s is refused', (reward) => {
    expect(() => groupAdvantages([1, reward], 'mean')).toThrow(`A reward is ${reward}; every reward must be a finite number.`);
  });

  test('the rewards are left as they are', () => {
    const given = Object.freeze([1, 0]);
    expect(groupAdvantages(given, 'rloo')).toEqual([1, -1]);
  });
});

test('isFlat', () => {
  expect([[], [3], [2, 2, 2], [0, -0]].map(isFlat)).toEqual([true, true, true, true]);
  expect(
    [
      [1, 1, 0],
      [1, 1 + 1e-12],
    ].map(isFlat),
  ).toEqual([false, false]);
});

describe('tokenFactors', () => {
  const lengths = [4, 0, 1, 5];
  /** The loss when every token's term is 1. */
  const total = (factors: readonly number[]): number => factors.reduce((sum, factor, i) => sum + factor * lengths[i]!, 0);

  test('token-mean: every token of the batch weighs the same', () => {
    expectList(tokenFactors(lengths, 'token-mean', 100), [0.1, 0, 0.1, 0.1]);
    expect(total(tokenFactors(lengths, 'token-mean', 100))).toBeCloseTo(1, 12);
  });

  test('sequence-mean: every sequence that counts weighs the same', () => {
    expectList(tokenFactors(lengths, 'sequence-mean', 100), [1 / 12, 0, 1 / 3, 1 / 15]);
    expect(total(tokenFactors(lengths, 'sequence-mean', 100))).toBeCloseTo(1, 12);
  });

  test('token-sum: a constant, whatever the lengths', () => {
    expectList(tokenFactors(lengths, 'token-sum', 100), [1 / 300, 0, 1 / 300, 1 / 300]);
    expectList(tokenFactors([100, 7, 1], 'token-sum', 100), [1 / 300, 1 / 300, 1 / 300]);
  });

  test('a batch that leaves everything out has no factor that is not finite', () => {
    for (const kind of ['token-mean', 'token-sum', 'sequence-mean'] as const) expect(tokenFactors([0, 0], kind, 100)).toEqual([0, 0]);
  });
});
