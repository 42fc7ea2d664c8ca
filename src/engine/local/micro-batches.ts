/** Cuts a batch of sequences into rectangles of similar length, so that little of the work is padding. */
import { R5Error } from '../../error.ts';
import type { Datum } from '../engine.ts';

export interface MicroBatch {
  /** Positions of its sequences in the batch. */
  members: number[];
  /** Entries a row, padding included; a sequence of n tokens has n - 1 entries. */
  time: number;
}

/** Lengths are rounded up to a multiple of this, so that few shapes occur. */
const LENGTH_STEP = 8;

/**
 * Rectangles of at most `budget` entries (more only for a single sequence that is longer), longest first. Every sequence is in exactly
 * one. The gradient is a sum over sequences, so it does not depend on the cut.
 */
export function cutIntoMicroBatches(batch: readonly Datum[], budget: number, contextLength: number): MicroBatch[] {
  const order = batch.map((datum, index) => ({ index, entries: datum.tokens.length - 1 }));
  for (const { index, entries } of order) {
    if (entries < 1) throw new R5Error(`Datum ${index} has ${entries + 1} tokens; a sequence to learn from needs at least 2.`);
    if (entries + 1 > contextLength) {
      throw new R5Error(`Datum ${index} has ${entries + 1} tokens, more than the model's context of ${contextLength}; shorten it.`);
    }
  }
  order.sort((a, b) => b.entries - a.entries || a.index - b.index);
  const cut: MicroBatch[] = [];
  let current: MicroBatch | undefined;
  for (const { index, entries } of order) {
    if (!current || (current.members.length + 1) * current.time > budget) {
      current = { members: [], time: Math.min(contextLength - 1, Math.ceil(entries / LENGTH_STEP) * LENGTH_STEP) };
      cut.push(current);
    }
    current.members.push(index);
  }
  return cut;
}
