import { describe, expect, test } from 'vitest';
import { Random } from '../random.ts';
import { narrowToBfloat16, narrowToFloat16, widenBfloat16, widenFloat16 } from './half-precision.ts';

const everyPattern = Uint16Array.from({ length: 0x10000 }, (_, pattern) => pattern);

/** The value of a finite float16, by the definition of the format. */
function float16Value(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

function widened16(patterns: Uint16Array): Float32Array {
  const values = new Float32Array(patterns.length);
  widenFloat16(patterns, values);
  return values;
}

function narrowed16(values: ArrayLike<number>): Uint16Array {
  const patterns = new Uint16Array(values.length);
  narrowToFloat16(Float32Array.from(values), patterns);
  return patterns;
}

function narrowedBrain(values: ArrayLike<number>): Uint16Array {
  const patterns = new Uint16Array(values.length);
  narrowToBfloat16(Float32Array.from(values), patterns);
  return patterns;
}

describe('float16', () => {
  test('every pattern widens to the value that the format defines', () => {
    const values = widened16(everyPattern);
    for (let half = 0; half < 0x10000; half++) {
      const special = (half & 0x7c00) === 0x7c00;
      const expected = special ? ((half & 0x3ff) === 0 ? (half & 0x8000 ? -Infinity : Infinity) : NaN) : float16Value(half);
      if (!Object.is(values[half], expected)) expect.fail(`0x${half.toString(16)}: ${values[half]}, expected ${expected}`);
    }
  });

  test('every pattern survives widening and narrowing', () => {
    const back = narrowed16(widened16(everyPattern));
    for (let half = 0; half < 0x10000; half++) {
      const nan = (half & 0x7c00) === 0x7c00 && (half & 0x3ff) !== 0;
      const expected = nan ? half | 0x200 : half;
      if (back[half] !== expected) expect.fail(`0x${half.toString(16)} came back as 0x${back[half]!.toString(16)}`);
    }
  });

  test('halfway between two neighbours goes to the even one, and just beside it to the nearer', () => {
    for (let half = 0; half < 0x7bff; half++) {
      const low = float16Value(half);
      const high = float16Value(half + 1);
      const middle = (low + high) / 2;
      const nudge = (high - low) / 64;
      const [atMiddle, below, above] = narrowed16([middle, middle - nudge, middle + nudge]);
      const even = half % 2 === 0 ? half : half + 1;
      if (atMiddle !== even || below !== half || above !== half + 1) expect.fail(`around ${middle}: ${atMiddle} ${below} ${above}`);
    }
  });

  test('what is too large becomes infinity, what is too small becomes zero with its sign', () => {
    expect([...narrowed16([65504, 65519.99, 65520, 1e30, -Infinity, 2 ** -25, -(2 ** -26), 2 ** -25 * 1.0001])]).toEqual([
      0x7bff, 0x7bff, 0x7c00, 0x7c00, 0xfc00, 0, 0x8000, 1,
    ]);
  });
});

describe('bfloat16', () => {
  test('every pattern survives widening and narrowing, bit for bit', () => {
    const values = new Float32Array(0x10000);
    widenBfloat16(everyPattern, values);
    const back = new Uint16Array(0x10000);
    narrowToBfloat16(values, back);
    for (let pattern = 0; pattern < 0x10000; pattern++) {
      const nan = (pattern & 0x7fff) > 0x7f80;
      const expected = nan ? pattern | 0x40 : pattern;
      if (back[pattern] !== expected) expect.fail(`0x${pattern.toString(16)} came back as 0x${back[pattern]!.toString(16)}`);
    }
    expect(values[0x3fc0]).toBe(1.5);
    expect(values[0xc0a0]).toBe(-5);
  });

  test('rounds to the nearest, halfway to even', () => {
    // Neighbours of 1 are 2^-7 apart.
    const step = 2 ** -7;
    expect([...narrowedBrain([1 + step / 2, 1 + 1.5 * step, 1 + 0.49 * step, 1 + 0.51 * step, 3.4e38])]).toEqual([
      0x3f80, 0x3f82, 0x3f80, 0x3f81, 0x7f80,
    ]);
  });

  test('a random float32 moves by at most half a place', () => {
    const random = new Random(7);
    const values = Float32Array.from({ length: 2000 }, () => random.normal() * 2 ** random.integer(-30, 30));
    const back = new Float32Array(values.length);
    widenBfloat16(narrowedBrain(values), back);
    for (let i = 0; i < values.length; i++) expect(Math.abs(back[i]! - values[i]!)).toBeLessThanOrEqual(Math.abs(values[i]!) * 2 ** -8);
  });
});

test('a target that is too short is refused', () => {
  expect(() => widenFloat16(new Uint16Array(3), new Float32Array(2))).toThrow('the target holds 2 elements, the source 3');
});
