/** Whether two answers that were read mean the same. */
import { expressionsEqual } from './expression.ts';
import type { MathAnswer } from './answer.ts';

/**
 * `given` against the reference. A percent sign divides by 100, so 75 % is 0.75; without one, 75 is right only where the reference says
 * percent. A unit may be left out; two different ones are not equal.
 */
export function answersEqual(given: MathAnswer, reference: MathAnswer): boolean {
  if (given.kind === 'value' && reference.kind === 'value') return valuesEqual(given, reference);
  if (given.kind === 'word' && reference.kind === 'word') return given.word === reference.word;
  if (given.kind === 'tuple' && reference.kind === 'tuple') {
    const sameBrackets = given.open === reference.open && given.close === reference.close;
    return sameBrackets && given.items.length === reference.items.length && given.items.every((item, i) => equalAt(item, reference.items, i));
  }
  if (given.kind === 'matrix' && reference.kind === 'matrix') {
    const sameSize = given.rows.length === reference.rows.length && given.rows.every((row, i) => row.length === reference.rows[i]?.length);
    return sameSize && given.rows.every((row, i) => row.every((cell, j) => equalAt(cell, reference.rows[i] ?? [], j)));
  }
  if (given.kind === 'set' && reference.kind === 'set') return setsEqual(given.items, reference.items);
  // A set of one is its element.
  if (given.kind === 'set' && given.items.length === 1) return equalAt(reference, given.items, 0);
  if (reference.kind === 'set' && reference.items.length === 1) return equalAt(given, reference.items, 0);
  return false;
}

function equalAt(item: MathAnswer, others: readonly MathAnswer[], index: number): boolean {
  const other = others[index];
  return other !== undefined && answersEqual(item, other);
}

function valuesEqual(given: MathAnswer & { kind: 'value' }, reference: MathAnswer & { kind: 'value' }): boolean {
  if (given.unit !== undefined && reference.unit !== undefined && singular(given.unit) !== singular(reference.unit)) return false;
  if (given.percent === reference.percent) return expressionsEqual(given.value, reference.value);
  if (reference.percent) return expressionsEqual(given.value, reference.value) || expressionsEqual(given.value, reference.value, 0.01);
  return expressionsEqual(reference.value, given.value, 0.01);
}

const SAME_UNITS: Readonly<Record<string, string>> = {
  deg: 'degree', centimeter: 'cm', centimetre: 'cm', meter: 'm', metre: 'm', kilometer: 'km', kilometre: 'km', millimeter: 'mm', millimetre: 'mm', feet: 'ft', foot: 'ft',
  inche: 'inch', in: 'inch', hour: 'h', hr: 'h', minute: 'min', second: 's', sec: 's', gram: 'g', kilogram: 'kg', pound: 'lb', ounce: 'oz', year: 'yr', liter: 'l', litre: 'l',
};
function singular(unit: string): string {
  const one = unit.length > 2 ? unit.replace(/s$/, '') : unit;
  return SAME_UNITS[one] ?? one;
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
