/** Cuts a batch of sequences into rectangles of similar length, so that little of the work is padding; what sequences share is done once. */
import { R5Error } from '../../error.ts';
import type { Datum } from '../engine.ts';
import type { LayoutKind } from './sequence-layout.ts';

export interface MicroBatch {
  /** Positions of its sequences in the batch. */
  members: number[];
  /** Entries a row of the rectangle, padding included; a sequence of n tokens has n - 1 entries, `prefix` of which are not in its row. */
  time: number;
  /** Tokens that all members begin with and that are not scored; 0 for a plain rectangle. */
  prefix: number;
}

export const layoutOf = ({ prefix }: MicroBatch): LayoutKind => (prefix === 0 ? 'rectangle' : 'shared prefix');

/** Rows of the graph. */
export const rowsOf = ({ members, time, prefix }: MicroBatch): number => prefix + members.length * time;

export interface CutOptions {
  /** Most rows of a micro-batch; more only for a single sequence that is longer. */
  budget: number;
  contextLength: number;
  /** Work of scoring a row against the vocabulary, as a share of the work of the rest of the model on it. Default 0. */
  scoringShare?: number;
}

/** Lengths are rounded up to a multiple of this, so that few shapes occur. */
const LENGTH_STEP = 8;
/** Share of the work that a shared prefix has to save: it costs graphs of its own, and sequences of other groups no longer fill the rectangle. */
const WORTHWHILE = 0.2;

/** Every sequence is in exactly one micro-batch. The gradient is a sum over sequences, so it does not depend on the cut. */
export function cutIntoMicroBatches(batch: readonly Datum[], { budget, contextLength, scoringShare = 0 }: CutOptions): MicroBatch[] {
  const order = batch.map((datum, index) => ({ index, entries: datum.tokens.length - 1 }));
  for (const { index, entries } of order) {
    if (entries < 1) throw new R5Error(`Datum ${index} has ${entries + 1} tokens; a sequence to learn from needs at least 2.`);
    if (entries + 1 > contextLength) {
      throw new R5Error(`Datum ${index} has ${entries + 1} tokens, more than the model's context of ${contextLength}; shorten it.`);
    }
  }
  order.sort((a, b) => b.entries - a.entries || a.index - b.index);
  const work = (cut: readonly MicroBatch[]) =>
    cut.reduce((sum, { members, time, prefix }) => sum + prefix + members.length * time * (1 + scoringShare), 0);
  const shared: MicroBatch[] = [];
  const alone: Sequence[] = [];
  for (const { prefix, sequences } of sharing(batch, order)) {
    const together = fill(sequences, prefix, budget, contextLength);
    if (prefix > 0 && work(together) <= (1 - WORTHWHILE) * work(fill(sequences, 0, budget, contextLength))) shared.push(...together);
    else alone.push(...sequences);
  }
  alone.sort((a, b) => b.entries - a.entries || a.index - b.index);
  return [...shared, ...fill(alone, 0, budget, contextLength)];
}

interface Sequence {
  index: number;
  entries: number;
}

/** The sequences by what they begin with before their first entry that counts. */
function sharing(batch: readonly Datum[], order: readonly Sequence[]): { prefix: number; sequences: Sequence[] }[] {
  const found = new Map<string, { prefix: number; sequences: Sequence[] }>();
  for (const sequence of order) {
    const { tokens, firstEntry = 0 } = batch[sequence.index] ?? { tokens: [] };
    const key = tokens.slice(0, firstEntry).join();
    const known = found.get(key);
    if (known) known.sequences.push(sequence);
    else found.set(key, { prefix: firstEntry, sequences: [sequence] });
  }
  return [...found.values()];
}

/** Micro-batches of sequences that come longest first. */
function fill(sequences: readonly Sequence[], prefix: number, budget: number, contextLength: number): MicroBatch[] {
  const cut: MicroBatch[] = [];
  let current: MicroBatch | undefined;
  for (const { index, entries } of sequences) {
    if (!current || prefix + (current.members.length + 1) * current.time > budget) {
      current = { members: [], time: Math.min(contextLength - 1 - prefix, Math.ceil((entries - prefix) / LENGTH_STEP) * LENGTH_STEP), prefix };
      cut.push(current);
    }
    current.members.push(index);
  }
  return cut;
}
