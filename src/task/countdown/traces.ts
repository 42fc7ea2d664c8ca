/**
 * The written search: depth first in a fixed order, one line for each first operation with everything that the last number can make
 * of it, up to the first hit:
 *
 *     3+7=10: 10+12=22 12-10=2
 *     7-3=4: 4+12=16 12-4=8 4*12=48 12/4=3
 *     3*7=21: 21+12=33
 *     answer: 3*7+12
 *
 * Whoever goes on longer finds the answer more often, so the search rewards patience.
 */
import type { Random } from '../../random.ts';
import { chance } from '../traces.ts';
import type { Habits, Quality } from '../traces.ts';
import { formatExpression, operators } from './expression.ts';
import type { Expression } from './expression.ts';
import { largestResult, movesOf, pairingsOf, resultOf } from './move.ts';
import type { Move } from './move.ts';
import type { CountdownRow } from './row.ts';

export const countdownHabits: Readonly<Record<Quality, Habits>> = {
  careful: { giveUp: 0, slip: 0, garble: 0 },
  hasty: { giveUp: 0.9, slip: 0, garble: 0 },
  sloppy: { giveUp: 0, slip: 0.05, garble: 0.3 },
};

/** The worked solution of someone with these habits. Ends with its answer line, without a line end. */
export function countdownTrace(row: CountdownRow, habits: Habits, random: Random): string {
  const lines: string[] = [];
  for (const [first, second, rest] of pairingsOf(row.numbers)) {
    for (const move of movesOf(first, second)) {
      const made = resultOf(move, writtenResult(move, habits, random));
      let line = `${moveText(move, made.value)}:`;
      for (const leaf of movesOf(made, rest)) {
        const written = writtenResult(leaf, habits, random);
        line += ` ${moveText(leaf, written)}`;
        if (written !== row.target) continue;
        const found = resultOf(leaf).expression;
        return [...lines, line, answerText(chance(habits.garble, random) ? garbled(found, random) : found)].join('\n');
      }
      lines.push(line);
      if (chance(habits.giveUp, random)) return [...lines, answerText(guess(row, random))].join('\n');
    }
  }
  return [...lines, answerText(guess(row, random))].join('\n');
}

/** A well-formed expression over the row's numbers with random order, operators and grouping: right only by luck. */
export function guess(row: CountdownRow, random: Random): Expression {
  const [a, b, c] = random.shuffle(row.numbers) as [number, number, number];
  const inner = { operator: random.pick(operators), left: a, right: b };
  const operator = random.pick(operators);
  return random.uniform() < 0.5 ? { operator, left: inner, right: c } : { operator, left: c, right: inner };
}

/** The expression with its outermost operator replaced by another one. */
export function garbled(expression: Expression, random: Random): Expression {
  if (typeof expression === 'number') return expression;
  return { ...expression, operator: random.pick(operators.filter((operator) => operator !== expression.operator)) };
}

/** The answer line of an expression. */
export function answerText(expression: Expression): string {
  return `answer: ${formatExpression(expression)}`;
}

function moveText(move: Move, written: number): string {
  return `${move.left.value}${move.operator}${move.right.value}=${written}`;
}

function writtenResult(move: Move, habits: Habits, random: Random): number {
  if (!chance(habits.slip, random)) return move.result;
  const near = [-10, -2, -1, 1, 2, 10].map((offset) => move.result + offset);
  return random.pick(near.filter((value) => value >= 0 && value <= largestResult));
}
