/**
 * Worked solutions of mixed quality, to train a base model on that can do a task but does not do it reliably. What is said about a
 * trace holds for every built-in task: it continues the prompt, its last line is `answer: ...`, and it ends without a line end,
 * because the model's end token follows there.
 */
import type { Random } from '../random.ts';
import type { Task } from './task.ts';

/** `careful` works to the end; `hasty` gives up early and guesses; `sloppy` makes slips and goes on with them. */
export const qualities = ['careful', 'hasty', 'sloppy'] as const;
export type Quality = (typeof qualities)[number];

/** How often each quality is drawn; the weights need not add up to 1. */
export type QualityMix = Readonly<Record<Quality, number>>;

export const defaultQualityMix: QualityMix = { careful: 0.22, hasty: 0.7, sloppy: 0.08 };

/** How a worker goes wrong, each a probability. */
export interface Habits {
  /** To give up and guess, at each point where the work so far has led to nothing. */
  giveUp: number;
  /** To write down a wrong result, at each result. */
  slip: number;
  /** To garble the final answer. */
  garble: number;
}

/** A task that can also invent problems and work them out in writing. */
export interface WorkedTask<Row> {
  task: Task<Row>;
  /** A new problem that belongs to the training split, never to the held-out one. */
  drawRow: (random: Random) => Row;
  /** Whether a problem, however it is written down, belongs to the held-out split. A hash decides, so the splits cannot overlap. */
  isHeldOut: (row: Row) => boolean;
  /** A worked solution of the given quality, right or wrong; `habits` replaces those that the task gives that quality. */
  trace: (row: Row, quality: Quality, random: Random, habits?: Habits) => string;
}

/** One of the items, drawn with a probability in proportion to its weight. Weights must be finite, not negative and not all 0. */
export function drawWeighted<Item>(items: readonly Item[], weight: (item: Item) => number, random: Random): Item {
  const total = items.reduce((sum, item) => sum + weight(item), 0);
  let left = random.uniform() * total;
  let last: Item | undefined;
  for (const item of items) {
    if (weight(item) <= 0) continue;
    last = item;
    left -= weight(item);
    if (left < 0) return item;
  }
  if (last === undefined || !Number.isFinite(total)) throw new RangeError(`drawWeighted: the weights add up to ${total}`);
  return last;
}

/** A quality drawn from a mix. */
export function drawQuality(mix: QualityMix, random: Random): Quality {
  return drawWeighted(qualities, (quality) => mix[quality], random);
}

/** Whether something of this probability happens. A probability of 0 takes no draw from the stream. */
export function chance(probability: number, random: Random): boolean {
  return probability > 0 && random.uniform() < probability;
}
