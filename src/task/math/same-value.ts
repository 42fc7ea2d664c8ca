/**
 * When two expressions are equal. Sums, products, whole powers and the like are computed as exact fractions; what is irrational in double
 * precision with a bound on its rounding error, and two such values are equal when they differ by no more than their bounds allow. So
 * 0.333 is not 1/3, and neither is any other rounded decimal. Expressions with variables are compared at fixed points in their place,
 * after the Schwartz-Zippel lemma: two that agree at all of them are the same for any answer that occurs.
 */
import { Complex } from 'complex.js';
import { Fraction } from 'fraction.js';
import { variablesOf, type Expression } from './expression.ts';
import { bitLength, isTooLong, lengthInBits, ruleOf, type Operation } from './operations.ts';

/** A value at a point: exact where it is known to be a fraction, and always as a complex number with a bound on its error. */
interface Value {
  exact?: Fraction;
  re: number;
  im: number;
  error: number;
}

/** Unit roundoff, with room for functions that are a few units off. */
const ROUNDOFF = 4 * Number.EPSILON;
/** A value whose error is a larger share of it than this says nothing. */
const LARGEST_SHARE = 1e-10;
/** Work on exact values in one comparison, in squares of 64-bit words; the rest is done in double precision. */
const MOST_WORK = 40_000;
const MOST_VARIABLES = 10;

const FRACTIONAL_POINTS = 4;
const WHOLE_POINTS = 3;
/** Fewer points than these, where both have a value, prove nothing: more than there are whole ones, where large values hide small ones. */
const FEWEST_POINTS = 5;

type LogBase = 'natural' | 'decimal';

interface Evaluation {
  values: ReadonlyMap<string, Fraction>;
  logBase: LogBase;
  work: { left: number };
}

/** Whether both have the same variables and the same value wherever they have one. */
export function expressionsEqual(left: Expression, right: Expression): boolean {
  if (sameTree(left, right)) return true;
  const names = variablesOf(right);
  if (names.length > MOST_VARIABLES || names.join() !== variablesOf(left).join()) return false;
  // `log` is the natural logarithm to some and the decimal one to others; both sides must mean the same one.
  const bases: LogBase[] = uses(left, 'log') || uses(right, 'log') ? ['natural', 'decimal'] : ['natural'];
  return bases.some((logBase) => equalAtPoints(left, right, names, logBase));
}

/** Whether `left` is a constant multiple of `right`, not zero, as for two equations that are brought to one side. */
export function expressionsProportional(left: Expression, right: Expression): boolean {
  const names = variablesOf(right);
  if (names.length === 0 || names.length > MOST_VARIABLES || names.join() !== variablesOf(left).join()) return false;
  const work = { left: MOST_WORK };
  const pairs = pointsFor(names).flatMap((values) => {
    const evaluation: Evaluation = { values, logBase: 'natural', work };
    const [a, b] = [valueOf(left, evaluation), valueOf(right, evaluation)];
    return a && b ? [[a, b] as const] : [];
  });
  const first = pairs.find(([a, b]) => !isZero(a) && !isZero(b));
  if (!first || pairs.length < FEWEST_POINTS) return false;
  return pairs.every(([a, b]) => {
    const [one, other] = [apply('multiply', [a, first[1]], 'natural', work), apply('multiply', [b, first[0]], 'natural', work)];
    return one !== undefined && other !== undefined && sameValue(one, other);
  });
}

function equalAtPoints(left: Expression, right: Expression, names: readonly string[], logBase: LogBase): boolean {
  const work = { left: MOST_WORK };
  const points = names.length === 0 ? [new Map<string, Fraction>()] : pointsFor(names);
  // n! has values at whole numbers only.
  const mayLackValues = names.length > 0 && [left, right].some((side) => uses(side, 'factorial') || uses(side, 'binomial'));
  let compared = 0;
  for (const values of points) {
    const [a, b] = [valueOf(left, { values, logBase, work }), valueOf(right, { values, logBase, work })];
    if (a && b) {
      if (!sameValue(a, b)) return false;
      compared++;
    } else if ((a || b) && !mayLackValues) {
      return false;
    }
  }
  return compared >= (mayLackValues ? WHOLE_POINTS : Math.min(FEWEST_POINTS, points.length));
}

/** Values for the variables: fractions between 0.2 and 2.2, one point with every second of them negative, and whole numbers. */
function pointsFor(names: readonly string[]): Map<string, Fraction>[] {
  const fractional = Array.from({ length: FRACTIONAL_POINTS }, (_, point) =>
    names.map((__, i) => new Fraction((((i + 1) * 7919 + (point + 1) * 6151) % 997) + 101, 499).mul(point === 3 && i % 2 === 0 ? -1 : 1)),
  );
  const whole = Array.from({ length: WHOLE_POINTS }, (_, point) => names.map((__, i) => new Fraction(3 + point + ((i * (point + 2)) % 11), 1)));
  return [...fractional, ...whole].map((values) => new Map(names.map((name, i) => [name, values[i] ?? new Fraction(1)])));
}

function sameTree(left: Expression, right: Expression): boolean {
  if (left.kind === 'number') return right.kind === 'number' && left.value.equals(right.value);
  if (left.kind === 'operation') {
    return right.kind === 'operation' && left.operation === right.operation && left.inputs.every((input, i) => sameAt(input, right.inputs, i));
  }
  return left.kind === right.kind && left.name === right.name;
}

const sameAt = (input: Expression, others: readonly Expression[], i: number): boolean => {
  const other = others[i];
  return other !== undefined && sameTree(input, other);
};

const uses = (expression: Expression, operation: Operation): boolean =>
  expression.kind === 'operation' && (expression.operation === operation || expression.inputs.some((input) => uses(input, operation)));

const CONSTANTS: Readonly<Record<'pi' | 'e' | 'i', Value>> = {
  pi: { re: Math.PI, im: 0, error: ROUNDOFF * Math.PI },
  e: { re: Math.E, im: 0, error: ROUNDOFF * Math.E },
  i: { re: 0, im: 1, error: 0 },
};

/** Undefined where the expression has no finite value. */
function valueOf(expression: Expression, evaluation: Evaluation): Value | undefined {
  if (expression.kind === 'number') return fromExact(expression.value);
  if (expression.kind === 'constant') return CONSTANTS[expression.name];
  if (expression.kind === 'variable') {
    const value = evaluation.values.get(expression.name);
    return value && fromExact(value);
  }
  const inputs: Value[] = [];
  for (const input of expression.inputs) {
    const value = valueOf(input, evaluation);
    if (!value) return undefined;
    inputs.push(value);
  }
  return apply(expression.operation, inputs, evaluation.logBase, evaluation.work);
}

function fromExact(exact: Fraction): Value {
  const re = toNumber(exact);
  return { exact, re, im: 0, error: exact.d === 1n && Number.isSafeInteger(re) ? 0 : ROUNDOFF * Math.abs(re) };
}

/** Also where numerator and denominator are too long for a double. */
function toNumber({ s, n, d }: Fraction): number {
  const surplus = BigInt(Math.max(0, bitLength(n) - 1000, bitLength(d) - 1000));
  return (Number(s) * Number(n >> surplus)) / Number(d >> surplus);
}

function apply(operation: Operation, inputs: readonly Value[], logBase: LogBase, work: { left: number }): Value | undefined {
  const { exact } = ruleOf(operation);
  const fractions = inputs.flatMap((input) => (input.exact ? [input.exact] : []));
  if (exact && fractions.length === inputs.length && work.left > 0) {
    const value = exact(...fractions);
    if (value) {
      work.left -= ((lengthInBits(value) + Math.max(...fractions.map(lengthInBits))) / 128) ** 2;
      if (!isTooLong(value)) return fromExact(value);
    }
  }
  return approximate(operation, inputs, logBase);
}

/**
 * The value in double precision. Its error: what the inputs' errors can change, seen by moving each input by its error, and the rounding
 * of the operation itself.
 */
function approximate(operation: Operation, inputs: readonly Value[], logBase: LogBase): Value | undefined {
  const compute = (numbers: readonly Value[]): Complex | undefined => {
    const value = complexValue(operation, numbers);
    return value && operation === 'log' && logBase === 'decimal' ? value.div(Math.LN10) : value;
  };
  const value = compute(inputs);
  if (!value) return undefined;
  let error = ROUNDOFF * value.abs();
  for (const [i, input] of inputs.entries()) {
    if (input.error === 0) continue;
    const moved = [input.error, -input.error].flatMap((shift) => {
      const near = compute(inputs.with(i, { ...input, re: input.re + shift }));
      return near ? [near.sub(value).abs()] : [];
    });
    if (moved.length === 0) return undefined;
    error += Math.max(...moved);
  }
  return Number.isFinite(error) ? { re: value.re, im: value.im, error } : undefined;
}

function complexValue(operation: Operation, inputs: readonly Value[]): Complex | undefined {
  const { real, complex } = ruleOf(operation);
  const isReal = inputs.every(({ im }) => im === 0);
  if (real && isReal) {
    const value = operation === 'power' ? oddRootPower(inputs, real) : real(...inputs.map(({ re }) => re));
    if (!Number.isNaN(value)) return Number.isFinite(value) ? new Complex(value, 0) : undefined;
  }
  const value = complex?.(...inputs.map(({ re, im }) => new Complex(re, im)));
  return value && Number.isFinite(value.re) && Number.isFinite(value.im) ? value : undefined;
}

/** A negative number to a power with an odd denominator is real, as school has it: (-8)^(1/3) is -2. */
function oddRootPower([base, exponent]: readonly Value[], real: (...inputs: number[]) => number): number {
  if (!base || !exponent) return NaN;
  const { exact } = exponent;
  if (base.re >= 0 || !exact || exact.d === 1n || exact.d % 2n === 0n) return real(base.re, exponent.re);
  return (exact.n % 2n === 0n ? 1 : -1) * real(-base.re, exponent.re);
}

const isZero = ({ exact, re, im, error }: Value): boolean => (exact ? exact.n === 0n : Math.hypot(re, im) <= 16 * error);

function sameValue(left: Value, right: Value): boolean {
  if (left.exact && right.exact) return left.exact.equals(right.exact);
  const error = left.error + right.error;
  const size = Math.max(Math.hypot(left.re, left.im), Math.hypot(right.re, right.im));
  // Where everything cancelled, the error may be the whole value; it must then be next to nothing.
  if (!(error <= LARGEST_SHARE * size || error <= 1e-13)) return false;
  return Math.hypot(left.re - right.re, left.im - right.im) <= 16 * error;
}
