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
      const cut = cutIntoMicroBatches(batch, { budget: random.integer(1, 600), contextLength: 100 });
      expect(cut.flatMap(({ members }) => members).toSorted((a, b) => a - b)).toEqual(batch.map((_, i) => i));
      for (const { members, time } of cut) {
        for (const member of members) expect(time).toBeGreaterThanOrEqual((batch[member]?.tokens.length ?? 0) - 1);
      }
    }
  });

  test('keeps to the budget, except for one sequence that alone is longer', () => {
    const batch = [60, 3, 20, 20, 7, 33, 2, 2, 2, 50].map(datum);
    for (const budget of [1, 16, 64, 128, 4096]) {
      for (const { members, time } of cutIntoMicroBatches(batch, { budget: budget, contextLength: 64 })) {
        if (members.length > 1) expect(members.length * time).toBeLessThanOrEqual(budget);
      }
    }
    expect(cutIntoMicroBatches(batch, { budget: 1, contextLength: 64 })).toHaveLength(batch.length);
    expect(cutIntoMicroBatches(batch, { budget: 4096, contextLength: 64 })).toHaveLength(1);
  });

  test('puts sequences of like length together, longest first', () => {
    const cut = cutIntoMicroBatches([9, 33, 9, 33].map(datum), { budget: 64, contextLength: 64 });
    expect(cut).toEqual([{ members: [1, 3], time: 32, prefix: 0 }, { members: [0, 2], time: 8, prefix: 0 }]);
  });

  test('never makes a rectangle longer than the context', () => {
    expect(cutIntoMicroBatches([datum(10)], { budget: 64, contextLength: 10 })).toEqual([{ members: [0], time: 9, prefix: 0 }]);
  });

  test('an empty batch is no rectangles', () => {
    expect(cutIntoMicroBatches([], { budget: 64, contextLength: 64 })).toEqual([]);
  });

  test('names the sequence that is too short or too long', () => {
    expect(() => cutIntoMicroBatches([datum(5), datum(1)], { budget: 64, contextLength: 64 })).toThrow(new R5Error('Datum 1 has 1 tokens; a sequence to learn from needs at least 2.'));
    expect(() => cutIntoMicroBatches([datum(5), datum(5), datum(0)], { budget: 64, contextLength: 64 })).toThrow(/Datum 2 has 0 tokens/);
    expect(() => cutIntoMicroBatches([datum(65)], { budget: 64, contextLength: 64 })).toThrow(/Datum 0 has 65 tokens, more than the model's context of 64/);
  });

  test('what the sequences of a prompt share is one prefix, where that saves work', () => {
    const group = (prompt: number, lengths: readonly number[], firstEntry: number): Datum[] =>
      lengths.map((length, i) => ({ tokens: [...Array.from({ length: 40 }, () => prompt), ...Array.from({ length }, () => 100 + i)], inputs: {}, firstEntry }));
    const batch = [...group(1, [8, 16], 39), ...group(2, [8, 8, 8], 39), ...group(3, [100, 100], 3)];
    const cut = cutIntoMicroBatches(batch, { budget: 512, contextLength: 512 });
    expect(cut).toEqual([
      { members: [1, 0], time: 16, prefix: 39 },
      { members: [2, 3, 4], time: 8, prefix: 39 },
      { members: [5, 6], time: 144, prefix: 0 },
    ]);
  });
});
