/**
 * The written work: take the first word of the alphabet, write down what is left, and so on:
 *
 *     take fig: pear plum kiwi
 *     take kiwi: pear plum
 *     take pear: plum
 *     take plum:
 *     answer: fig kiwi pear plum
 *
 * Whoever stops early writes the rest of the words as they stand.
 */
import type { Random } from '../../random.ts';
import { chance } from '../traces.ts';
import type { Habits, Quality } from '../traces.ts';
import type { SortRow } from './row.ts';

export const sortHabits: Readonly<Record<Quality, Habits>> = {
  careful: { giveUp: 0, slip: 0, garble: 0 },
  hasty: { giveUp: 0.3, slip: 0, garble: 0 },
  sloppy: { giveUp: 0, slip: 0.1, garble: 0.2 },
};

/** The worked solution of someone with these habits. Ends with its answer line, without a line end. */
export function sortTrace(row: SortRow, habits: Habits, random: Random): string {
  const lines: string[] = [];
  const taken: string[] = [];
  let left = [...row.words];
  while (left.length > 0) {
    const ranked = left.toSorted((a, b) => (a < b ? -1 : 1));
    const slipped = ranked.length > 1 && chance(habits.slip, random);
    const next = slipped ? random.pick(ranked.slice(1, 3)) : ranked[0]!;
    left = left.filter((word) => word !== next);
    taken.push(next);
    lines.push([`take ${next}:`, ...left].join(' '));
    if (left.length > 0 && chance(habits.giveUp, random)) return [...lines, answerText([...taken, ...left])].join('\n');
  }
  return [...lines, answerText(chance(habits.garble, random) ? garbledWords(taken, random) : taken)].join('\n');
}

/** The words with one of them left out. */
export function garbledWords(words: readonly string[], random: Random): string[] {
  const lost = random.integer(0, words.length - 1);
  return words.filter((_, i) => i !== lost);
}

/** The answer line of a list of words. */
export function answerText(words: readonly string[]): string {
  return `answer: ${words.join(' ')}`;
}
