import type { Expression, Operator } from './expression.ts';

/** A number at hand and how it was made. */
export interface Operand {
  value: number;
  expression: Expression;
}

/** One operation on two operands, in the order in which it is written. */
export interface Move {
  operator: Operator;
  left: Operand;
  right: Operand;
  result: number;
}

/** The largest result that the search keeps. */
export const largestResult = 99;

/**
 * The operations that the search tries on two numbers, always in this order: sum, difference, product, quotient. The larger number
 * comes first in a difference and a quotient; results over 99, products with 1, and quotients that are not whole or divide by less
 * than 2 are left out. So every result is a whole number from 0 to 99.
 */
export function movesOf(first: Operand, second: Operand): Move[] {
  const [larger, smaller] = first.value >= second.value ? [first, second] : [second, first];
  const moves: Move[] = [
    { operator: '+', left: first, right: second, result: first.value + second.value },
    { operator: '-', left: larger, right: smaller, result: larger.value - smaller.value },
  ];
  if (smaller.value !== 1 && larger.value !== 1) {
    moves.push({ operator: '*', left: first, right: second, result: first.value * second.value });
  }
  if (smaller.value > 1 && larger.value % smaller.value === 0) {
    moves.push({ operator: '/', left: larger, right: smaller, result: larger.value / smaller.value });
  }
  return moves.filter((move) => move.result <= largestResult);
}

/** The operand that a move makes, with the value that was written down for it. */
export function resultOf(move: Move, written: number = move.result): Operand {
  return { value: written, expression: { operator: move.operator, left: move.left.expression, right: move.right.expression } };
}

/** The three ways to combine two of three numbers first, in the search's order: (a,b), (a,c), (b,c), each with the number left over. */
export function pairingsOf(numbers: readonly [number, number, number]): [Operand, Operand, Operand][] {
  const [a, b, c] = numbers.map((value) => ({ value, expression: value })) as [Operand, Operand, Operand];
  return [[a, b, c], [a, c, b], [b, c, a]];
}
