/**
 * Numbers in JSON as expressions: all of them, whole numbers, those of a range, multiples. Ranges compare the digits as they are written, so
 * bounds hold exactly; how many digits there may be is limited so that JSON.parse cannot round a number out of its range.
 */
import { Automaton } from './automaton.ts';
import { characterClasses } from './byte-classes.ts';
import { type Expression, NEVER, choice, literal, oneOf, optional, repeat, sequence } from './expression.ts';

export interface NumberLimits {
  integer: boolean;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  /** Each must divide the number. */
  multiples: readonly number[];
}

/** Integers beyond this lose digits in JSON.parse. */
const LARGEST_INTEGER = Number.MAX_SAFE_INTEGER;
/** Digits that a number of type double keeps. */
const EXACT_DIGITS = 15;
const MOST_DIGITS = 17;

/** What numbers without exponent are written with. */
const WRITTEN = characterClasses('-.0123456789');

const digit = oneOf('0123456789');
const digits = (minimum: number, maximum: number): Expression => repeat(digit, minimum, maximum);
const magnitude = choice('0', sequence(oneOf('123456789'), digits(0, 15)));

/** Any number that stays finite: up to 16 digits before the point, 17 after it, and an exponent of at most two digits. */
const ANY_NUMBER = sequence(optional('-'), magnitude, optional(sequence('.', digits(1, MOST_DIGITS))), optional(sequence(oneOf('eE'), optional(oneOf('+-')), digits(1, 2))));

/** A bound on a magnitude: digits before and after the point. */
interface Bound {
  whole: string;
  fraction: string;
  inclusive: boolean;
}

/** The numbers within the limits; NEVER when there are none. Throws AutomatonTooLarge for a multiple with very many digits. */
export function numberExpression(limits: NumberLimits): Expression {
  const { integer, multiples } = limits;
  const bounds = boundsOf(limits);
  if (!integer && multiples.length === 0 && bounds === null) return ANY_NUMBER;
  const { low, lowInclusive, high, highInclusive } = bounds ?? WIDEST;
  const places = Math.min(...multiples.map((multiple) => decimals(multiple).fraction.length), integer ? 0 : MOST_DIGITS);
  const range = choice(
    high < 0 || (high === 0 && !highInclusive) ? NEVER : between(Math.max(low, 0), low < 0 || lowInclusive, high, highInclusive, places),
    // Zero has no sign here.
    low >= 0 ? NEVER : sequence('-', between(Math.max(-high, 0), high < 0 && highInclusive, -low, lowInclusive, places)),
  );
  if (range === NEVER || multiples.length === 0) return range;
  return multiples.reduce((automaton, multiple) => automaton.and(multiplesOf(multiple)), Automaton.of(range)).expression;
}

/** Sixteen digits before the point are plenty where a side is open. */
const OPEN_SIDE = 1e16;
const WIDEST = { low: -OPEN_SIDE, lowInclusive: true, high: OPEN_SIDE, highInclusive: true };

function boundsOf({ integer, minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity }: NumberLimits): typeof WIDEST | null {
  const bounds = {
    low: Math.max(minimum, exclusiveMinimum),
    lowInclusive: minimum > exclusiveMinimum,
    high: Math.min(maximum, exclusiveMaximum),
    highInclusive: maximum < exclusiveMaximum,
  };
  if (!integer) {
    if (bounds.low === -Infinity && bounds.high === Infinity) return null;
    if (bounds.low === -Infinity) Object.assign(bounds, { low: Math.min(-OPEN_SIDE, bounds.high - 1), lowInclusive: true });
    if (bounds.high === Infinity) Object.assign(bounds, { high: Math.max(OPEN_SIDE, bounds.low + 1), highInclusive: true });
    return bounds;
  }
  const low = bounds.lowInclusive ? Math.ceil(bounds.low) : Math.floor(bounds.low) + 1;
  const high = bounds.highInclusive ? Math.floor(bounds.high) : Math.ceil(bounds.high) - 1;
  return { low: Math.max(low, -LARGEST_INTEGER), lowInclusive: true, high: Math.min(high, LARGEST_INTEGER), highInclusive: true };
}

/** Unsigned numbers from `low` to `high`, without exponent, with at most `places` digits after the point. */
function between(low: number, lowInclusive: boolean, high: number, highInclusive: boolean, places: number): Expression {
  if (low > high || (low === high && !(lowInclusive && highInclusive))) return NEVER;
  const least: Bound = { ...decimals(low), inclusive: lowInclusive };
  const most: Bound = { ...decimals(high), inclusive: highInclusive };
  // More digits could be rounded onto a bound that is not included.
  const strict = [least, most].filter(({ inclusive }) => !inclusive).map(({ whole, fraction }) => Math.max(EXACT_DIGITS - whole.length, fraction.length, 1));
  const fraction = Math.min(places, ...strict);
  const shape = sequence(choice('0', sequence(oneOf('123456789'), digits(0, Math.max(0, most.whole.length - 1)))), fraction === 0 ? literal('') : optional(sequence('.', digits(1, fraction))));
  return Automaton.of(shape).and(comparison(least, 1)).and(comparison(most, -1)).expression;
}

/** Numbers whose comparison with the bound is `sign` (1 above, -1 below), or equal if it is inclusive. */
function comparison(bound: Bound, sign: 1 | -1): Automaton {
  interface Comparison {
    /** Digits read before the point; -1 behind it. */
    whole: number;
    fraction: number;
    /** Of the digits so far with those of the bound at the same places. */
    order: number;
  }
  return Automaton.explore<Comparison>({
    start: { whole: 0, fraction: 0, order: 0 },
    classes: WRITTEN,
    key: ({ whole, fraction, order }) => `${whole},${fraction},${order}`,
    accepts: ({ whole, fraction, order }) => {
      const length = whole === -1 ? 0 : Math.sign(whole - bound.whole.length);
      const rest = /[1-9]/.test(bound.fraction.slice(fraction)) ? -1 : 0;
      const result = length || order || rest;
      return result === sign || (result === 0 && bound.inclusive);
    },
    next: ({ whole, fraction, order }, byte) => {
      if (byte === 0x2e) return whole === -1 ? null : { whole: -1, fraction: 0, order: Math.sign(whole - bound.whole.length) || order };
      if (byte < 0x30 || byte > 0x39) return null;
      const value = byte - 0x30;
      if (whole === -1) {
        const there = Number(bound.fraction[fraction] ?? 0);
        return { whole, fraction: Math.min(fraction + 1, bound.fraction.length), order: order || Math.sign(value - there) };
      }
      const there = Number(bound.whole[whole] ?? 0);
      // One digit more than the bound decides; there is no need to count on.
      return { whole: Math.min(whole + 1, bound.whole.length + 1), fraction, order: order || Math.sign(value - there) };
    },
  });
}

/** Numbers without exponent that `multiple` divides, of either sign. */
function multiplesOf(multiple: number): Automaton {
  const { whole, fraction } = decimals(multiple);
  const places = fraction.length;
  const divisor = Number(whole + fraction);
  interface Remainder {
    /** Digits read after the point; -1 before it. */
    places: number;
    remainder: number;
  }
  return Automaton.explore<Remainder>({
    start: { places: -1, remainder: 0 },
    classes: WRITTEN,
    key: (state) => `${state.places},${state.remainder}`,
    accepts: (state) => {
      let remainder = state.remainder;
      for (let place = Math.max(0, state.places); place < places; place++) remainder = (remainder * 10) % divisor;
      return remainder === 0;
    },
    next: (state, byte) => {
      if (byte === 0x2d) return state;
      if (byte === 0x2e) return state.places === -1 && places > 0 ? { places: 0, remainder: state.remainder } : null;
      if (byte < 0x30 || byte > 0x39 || state.places === places) return null;
      return { places: state.places === -1 ? -1 : state.places + 1, remainder: (state.remainder * 10 + byte - 0x30) % divisor };
    },
  });
}

/** The digits of a number that is not negative, written out without exponent. */
function decimals(value: number): { whole: string; fraction: string } {
  const [mantissa = '0', exponent] = String(value).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  if (exponent === undefined) return { whole, fraction };
  const shift = Number(exponent);
  if (shift < 0) return { whole: '0', fraction: '0'.repeat(-shift - whole.length) + whole + fraction };
  return { whole: whole + fraction.padEnd(shift, '0'), fraction: '' };
}
