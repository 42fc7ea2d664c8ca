import { describe, expect, test } from 'vitest';
import { R5Error } from '../../error.ts';
import { Random } from '../../random.ts';
import type { Datum } from '../engine.ts';
import { cutIntoMicroBatches } from './micro-batches.ts';

const datum = (length: number): Datum => ({ tokens: Array.from({ length }, () => 1), inputs: {} });

describe('cutIntoMicroBatches', () => {
  test('puts every sequence into exactly one rectangle, which is long enough for it', () => {
    const random = new Random(3);
    for (let round = 0; round < 50; round++) {
      const batch = Array.from({ length: random.integer(1, 40) }, () => datum(random.integer(2, 100)));
      const cut = cutIntoMicroBatches(batch, random.integer(1, 600), 100);
      expect(cut.flatMap(({ members }) => members).toSorted((a, b) => a - b)).toEqual(batch.map((_, i) => i));
      for (const { members, time } of cut) {
        for (const member of members) expect(time).toBeGreaterThanOrEqual((batch[member]?.tokens.length ?? 0) - 1);
      }
    }
  });

  test('keeps to the budget, except for one sequence that alone is longer', () => {
    const batch = [60, 3, 20, 20, 7, 33, 2, 2, 2, 50].map(datum);
    for (const budget of [1, 16, 64, 128, 4096]) {
      for (const { members, time } of cutIntoMicroBatches(batch, budget, 64)) {
        if (members.length > 1) expect(members.length * time).toBeLessThanOrEqual(budget);
      }
    }
    expect(cutIntoMicroBatches(batch, 1, 64)).toHaveLength(batch.length);
    expect(cutIntoMicroBatches(batch, 4096, 64)).toHaveLength(1);
  });

  test('puts sequences of like length together, longest first', () => {
    const cut = cutIntoMicroBatches([9, 33, 9, 33].map(datum), 64, 64);
    expect(cut).toEqual([{ members: [1, 3], time: 32 }, { members: [0, 2], time: 8 }]);
  });

  test('never makes a rectangle longer than the context', () => {
    expect(cutIntoMicroBatches([datum(10)], 64, 10)).toEqual([{ members: [0], time: 9 }]);
  });

  test('an empty batch is no rectangles', () => {
    expect(cutIntoMicroBatches([], 64, 64)).toEqual([]);
  });

  test('names the sequence that is too short or too long', () => {
    expect(() => cutIntoMicroBatches([datum(5), datum(1)], 64, 64)).toThrow(new R5Error('Datum 1 has 1 tokens; a sequence to learn from needs at least 2.'));
    expect(() => cutIntoMicroBatches([datum(5), datum(5), datum(0)], 64, 64)).toThrow(/Datum 2 has 0 tokens/);
    expect(() => cutIntoMicroBatches([datum(65)], 64, 64)).toThrow(/Datum 0 has 65 tokens, more than the model's context of 64/);
  });
});
