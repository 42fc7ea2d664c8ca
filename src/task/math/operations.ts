/** What an expression may compute: each operation on exact fractions where it has a fraction as its value, and on complex numbers. */
import { Complex } from 'complex.js';
import { Fraction } from 'fraction.js';

export interface OperationRule {
  /** Number of inputs. */
  inputs: number;
  /** The exact value, or undefined where it is no fraction or too long. */
  exact?: (...inputs: Fraction[]) => Fraction | undefined;
  /** Real value of real inputs; NaN where it has none, and then `complex` decides. */
  real?: (...inputs: number[]) => number;
  complex?: (...inputs: Complex[]) => Complex;
}

/** Most bits of a numerator or denominator. */
const MOST_BITS = 8192;

export const bitLength = (value: bigint): number => value.toString(16).length * 4;
const bitsOf = ({ n, d }: Fraction): number => bitLength(n) + bitLength(d);

/** Natural numbers as plain ones, for operations that count with them. */
function smallWhole(value: Fraction, most: number): number | undefined {
  return value.d === 1n && value.s >= 0n && value.n <= BigInt(most) ? Number(value.n) : undefined;
}

function power(base: Fraction, exponent: Fraction): Fraction | undefined {
  if (exponent.d !== 1n || exponent.n > BigInt(MOST_BITS)) return undefined;
  if (base.n === 0n) return exponent.s > 0n ? base : undefined;
  const count = Number(exponent.n);
  if (bitsOf(base) * Math.max(1, count) > 2 * MOST_BITS) return undefined;
  const above = base.n ** exponent.n * (base.s < 0n && count % 2 === 1 ? -1n : 1n);
  const result = new Fraction(above, base.d ** exponent.n);
  return exponent.s < 0n ? result.inverse() : result;
}

function factorial(value: Fraction): Fraction | undefined {
  const count = smallWhole(value, 500);
  if (count === undefined) return undefined;
  let product = 1n;
  for (let i = 2n; i <= count; i++) product *= i;
  return new Fraction(product, 1n);
}

/** n (n - 1) ... (n - k + 1) / k!, which holds for every fraction n. */
function binomial(n: Fraction, k: Fraction): Fraction | undefined {
  const count = smallWhole(k, 100);
  if (count === undefined || bitsOf(n) > 64) return undefined;
  let result = new Fraction(1n, 1n);
  for (let i = 0; i < count; i++) result = result.mul(n.sub(i)).div(i + 1);
  return result;
}

const whole = (value: Fraction, round: 'floor' | 'ceil'): Fraction => value[round]();

/** Root of a real number: real for odd degrees, as school has it. */
function realRoot(degree: number, value: number): number {
  if (!Number.isInteger(degree) || degree < 1) return NaN;
  if (value >= 0) return value ** (1 / degree);
  return degree % 2 === 1 ? -((-value) ** (1 / degree)) : NaN;
}

function realPower(base: number, exponent: number): number {
  if (base === 0 && exponent <= 0) return NaN;
  return base ** exponent;
}

const one = (real: (value: number) => number, complex: (value: Complex) => Complex): OperationRule => ({ inputs: 1, real, complex });

/** Outside of [-1, 1] these have complex values, which no answer of ours needs. */
const realOnly = (real: (value: number) => number): OperationRule => ({ inputs: 1, real });

export const operations = {
  add: { inputs: 2, exact: (a, b) => a.add(b), complex: (a, b) => a.add(b) },
  subtract: { inputs: 2, exact: (a, b) => a.sub(b), complex: (a, b) => a.sub(b) },
  multiply: { inputs: 2, exact: (a, b) => a.mul(b), complex: (a, b) => a.mul(b) },
  divide: { inputs: 2, exact: (a, b) => (b.n === 0n ? undefined : a.div(b)), complex: (a, b) => a.div(b) },
  power: { inputs: 2, exact: power, real: realPower, complex: (a, b) => a.pow(b) },
  negate: { inputs: 1, exact: (a) => a.neg(), complex: (a) => a.neg() },
  factorial: { inputs: 1, exact: factorial },
  binomial: { inputs: 2, exact: binomial },
  abs: { inputs: 1, exact: (a) => a.abs(), complex: (a) => new Complex(a.abs(), 0) },
  floor: { inputs: 1, exact: (a) => whole(a, 'floor'), real: Math.floor },
  ceil: { inputs: 1, exact: (a) => whole(a, 'ceil'), real: Math.ceil },
  sqrt: one((a) => Math.sqrt(a), (a) => a.sqrt()),
  cbrt: realOnly(Math.cbrt),
  root: { inputs: 2, real: realRoot },
  exp: one(Math.exp, (a) => a.exp()),
  ln: one((a) => (a > 0 ? Math.log(a) : NaN), (a) => a.log()),
  /** Written `log` without a base: natural or decimal, as the reader of the whole answer decides. */
  log: one((a) => (a > 0 ? Math.log(a) : NaN), (a) => a.log()),
  lg: realOnly((a) => (a > 0 ? Math.log10(a) : NaN)),
  logarithm: { inputs: 2, real: (base, a) => (a > 0 && base > 0 && base !== 1 ? Math.log(a) / Math.log(base) : NaN) },
  sin: one(Math.sin, (a) => a.sin()),
  cos: one(Math.cos, (a) => a.cos()),
  tan: one(Math.tan, (a) => a.tan()),
  cot: one((a) => 1 / Math.tan(a), (a) => a.cot()),
  sec: one((a) => 1 / Math.cos(a), (a) => a.sec()),
  csc: one((a) => 1 / Math.sin(a), (a) => a.csc()),
  arcsin: realOnly(Math.asin),
  arccos: realOnly(Math.acos),
  arctan: realOnly(Math.atan),
  sinh: one(Math.sinh, (a) => a.sinh()),
  cosh: one(Math.cosh, (a) => a.cosh()),
  tanh: one(Math.tanh, (a) => a.tanh()),
} as const satisfies Record<string, OperationRule>;

export type Operation = keyof typeof operations;

export const ruleOf = (operation: Operation): OperationRule => operations[operation];

export const isOperation = (name: string): name is Operation => Object.hasOwn(operations, name);

/** Bits of an exact value; what it costs to compute with it grows with their square. */
export const lengthInBits = bitsOf;

export const isTooLong = (value: Fraction): boolean => bitsOf(value) > 2 * MOST_BITS;
