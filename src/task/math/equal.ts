/** Whether two answers that were read mean the same. */
import { Fraction } from 'fraction.js';
import { numberOf, operate, type Expression } from './expression.ts';
import { expressionsEqual, expressionsProportional } from './same-value.ts';
import type { MathAnswer, MathValue } from './answer.ts';

/**
 * `given` against the reference.
 * - A percent sign divides by 100, so 75 % is 0.75; a bare 75 is right only where the reference says percent.
 * - A unit may be left out on either side; two different ones are not equal, and there is no conversion. The same holds for the base of
 *   digits.
 * - `x = 3` is 3; where both sides name what they give, the names must agree, and several names match a tuple in the alphabet's order.
 * - An equation matches another one that is a multiple of it, but only where the reference is one: given for `x = 3`, `2x = 6` is a
 *   problem and no answer.
 */
export function answersEqual(given: MathAnswer, reference: MathAnswer): boolean {
  if (given.kind === 'value' && reference.kind === 'value') return valuesEqual(given, reference);
  if (given.kind === 'set' && reference.kind === 'set') return setsEqual(given.items, reference.items);
  if (given.kind === 'union' && reference.kind === 'union') return setsEqual(given.items, reference.items);
  if (given.kind === 'tuple' && reference.kind === 'tuple') {
    return given.open === reference.open && given.close === reference.close && rowsEqual(given.items, reference.items);
  }
  if (given.kind === 'assignment' || reference.kind === 'assignment') return assignmentsEqual(given, reference);
  if (given.kind === 'equation' || reference.kind === 'equation') {
    return given.kind === 'equation' && reference.kind === 'equation' && expressionsProportional(given.difference, reference.difference);
  }
  if (given.kind === 'matrix' && reference.kind === 'matrix') {
    return given.rows.length === reference.rows.length && given.rows.every((row, i) => rowsEqual(row, reference.rows[i] ?? []));
  }
  if (given.kind === 'infinity' && reference.kind === 'infinity') return given.negative === reference.negative;
  if (given.kind === 'based' || reference.kind === 'based') return basedEqual(given, reference);
  if (given.kind === 'word' || reference.kind === 'word') return wordsEqual(given, reference);
  return collectionsEqual(given, reference);
}

const rowsEqual = (given: readonly MathAnswer[], reference: readonly MathAnswer[]): boolean =>
  given.length === reference.length && given.every((item, i) => equalAt(item, reference, i));

function equalAt(item: MathAnswer, others: readonly MathAnswer[], index: number): boolean {
  const other = others[index];
  return other !== undefined && answersEqual(item, other);
}

const HUNDREDTH = numberOf(new Fraction(1, 100));
const hundredth = (expression: Expression): Expression => operate('multiply', expression, HUNDREDTH);

function valuesEqual(given: MathValue, reference: MathValue): boolean {
  // 3m against 3 metres: the side that may be either is read like the other one.
  if (given.asUnit && reference.unit === given.asUnit.unit) return expressionsEqual(given.asUnit.expression, reference.expression);
  if (reference.asUnit && given.unit === reference.asUnit.unit) return expressionsEqual(given.expression, reference.asUnit.expression);
  if (given.unit !== undefined && reference.unit !== undefined && given.unit !== reference.unit) return false;
  if (given.percent === reference.percent) return expressionsEqual(given.expression, reference.expression);
  if (given.percent) return expressionsEqual(hundredth(given.expression), reference.expression);
  return expressionsEqual(given.expression, reference.expression) || expressionsEqual(given.expression, hundredth(reference.expression));
}

/** Each element of one has its match in the other. */
function setsEqual(left: readonly MathAnswer[], right: readonly MathAnswer[]): boolean {
  if (left.length !== right.length) return false;
  const free = [...right];
  return left.every((item) => {
    const match = free.findIndex((other) => answersEqual(item, other));
    if (match >= 0) free.splice(match, 1);
    return match >= 0;
  });
}

function assignmentsEqual(given: MathAnswer, reference: MathAnswer): boolean {
  if (given.kind === 'assignment' && reference.kind === 'assignment') {
    return given.name === reference.name && answersEqual(given.value, reference.value);
  }
  if (given.kind === 'assignment') {
    if (reference.kind !== 'equation') return answersEqual(given.value, reference);
    if (!/^\p{L}$/u.test(given.name) || given.value.kind !== 'value') return false;
    return expressionsProportional(operate('subtract', { kind: 'variable', name: given.name }, given.value.expression), reference.difference);
  }
  return reference.kind === 'assignment' && given.kind !== 'equation' && answersEqual(given, reference.value);
}

function basedEqual(given: MathAnswer, reference: MathAnswer): boolean {
  if (given.kind === 'based' && reference.kind === 'based') return given.base === reference.base && given.digits === reference.digits;
  // The base may be left out where the reference has it, if the digits are decimal ones.
  if (reference.kind !== 'based' || given.kind !== 'value' || !/^-?\d+$/.test(reference.digits)) return false;
  return given.unit === undefined && !given.percent && expressionsEqual(given.expression, numberOf(BigInt(reference.digits)));
}

function wordsEqual(given: MathAnswer, reference: MathAnswer): boolean {
  if (given.kind === 'word' && reference.kind === 'word' && given.word === reference.word) return true;
  const [left, right] = [productOf(given), productOf(reference)];
  return left !== undefined && right !== undefined && expressionsEqual(left, right);
}

function productOf(answer: MathAnswer): Expression | undefined {
  if (answer.kind === 'word') return answer.product;
  return answer.kind === 'value' && !answer.percent && answer.unit === undefined ? answer.expression : undefined;
}

/** A set of one is its element, 1,234 may be two numbers, and x = 1, y = 2 is the pair (1, 2). */
function collectionsEqual(given: MathAnswer, reference: MathAnswer): boolean {
  if (given.kind === 'value' && given.asList && reference.kind === 'set') return answersEqual(given.asList, reference);
  if (reference.kind === 'value' && reference.asList && given.kind === 'set') return answersEqual(given, reference.asList);
  if (given.kind === 'tuple' && reference.kind === 'set') return tupleOfNamed(given, reference.items);
  if (reference.kind === 'tuple' && given.kind === 'set' && given.items.length > 1) return tupleOfNamed(reference, given.items);
  if (given.kind === 'set' && given.items.length === 1) return equalAt(reference, given.items, 0);
  if (reference.kind === 'set' && reference.items.length === 1) return equalAt(given, reference.items, 0);
  return false;
}

function tupleOfNamed(tuple: MathAnswer & { kind: 'tuple' }, items: readonly MathAnswer[]): boolean {
  const named = items.flatMap((item) => (item.kind === 'assignment' ? [item] : [])).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const distinct = new Set(named.map(({ name }) => name)).size === items.length;
  return distinct && tuple.open === '(' && tuple.close === ')' && rowsEqual(tuple.items, named.map(({ value }) => value));
}
