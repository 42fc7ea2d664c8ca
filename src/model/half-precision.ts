/**
 * Conversions between float32 and the two 16-bit float formats of checkpoints, on bit patterns in typed arrays: `float16` (IEEE 754
 * binary16: 5 exponent bits, 10 mantissa bits) and `bfloat16` (the upper half of a float32). Narrowing rounds to nearest, ties to even.
 */

/** float32 bits of one float16 bit pattern. */
function widenFloat16Bits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (mantissa << 13)) >>> 0;
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (mantissa << 13)) >>> 0;
  if (mantissa === 0) return sign >>> 0;
  // Subnormal: mantissa * 2^-24. Shift the leading one to bit 10, where float32 leaves it out.
  const shift = Math.clz32(mantissa) - 21;
  return (sign | ((113 - shift) << 23) | (((mantissa << shift) & 0x3ff) << 13)) >>> 0;
}

let float16Table: Uint32Array | undefined;

/** Every float16 as float32 bits: 256 KiB, made at the first use. A look-up is several times faster than the branches above. */
function widenedFloat16(): Uint32Array {
  if (float16Table === undefined) {
    float16Table = new Uint32Array(0x10000);
    for (let half = 0; half < 0x10000; half++) float16Table[half] = widenFloat16Bits(half);
  }
  return float16Table;
}

function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

function checkLengths(source: number, target: number): void {
  if (source > target) throw new RangeError(`the target holds ${target} elements, the source ${source}`);
}

/** Writes `source` (float16 bits) into the first `source.length` elements of `target`. Exact. */
export function widenFloat16(source: Uint16Array, target: Float32Array): void {
  checkLengths(source.length, target.length);
  const table = widenedFloat16();
  const bits = bitsOf(target);
  for (let i = 0; i < source.length; i++) bits[i] = table[source[i]!]!;
}

/** Writes `source` (bfloat16 bits) into the first `source.length` elements of `target`. Exact. */
export function widenBfloat16(source: Uint16Array, target: Float32Array): void {
  checkLengths(source.length, target.length);
  const bits = bitsOf(target);
  for (let i = 0; i < source.length; i++) bits[i] = source[i]! << 16;
}

/** Writes `source` as float16 bits into the first elements of `target`. Beyond the largest finite float16 (65504) it becomes infinity. */
export function narrowToFloat16(source: Float32Array, target: Uint16Array): void {
  checkLengths(source.length, target.length);
  const bits = bitsOf(source);
  for (let i = 0; i < source.length; i++) target[i] = narrowFloat16Bits(bits[i]!);
}

function narrowFloat16Bits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00 | ((magnitude >>> 13) & 0x1ff);
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {
    // Normal: move the exponent's bias from 127 to 15, add just under half of the last kept place. A carry out of the mantissa
    // rightly raises the exponent, up to infinity.
    return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  }
  // Subnormal: the mantissa with its leading one, in units of 2^-24.
  const shift = 126 - (magnitude >>> 23);
  if (shift > 24) return sign;
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const kept = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0));
}

/** Writes `source` as bfloat16 bits into the first elements of `target`. */
export function narrowToBfloat16(source: Float32Array, target: Uint16Array): void {
  checkLengths(source.length, target.length);
  const bits = bitsOf(source);
  for (let i = 0; i < source.length; i++) {
    const value = bits[i]!;
    // Rounding could carry a NaN into infinity, so NaN keeps its upper half and is made quiet.
    target[i] = (value & 0x7fffffff) > 0x7f800000 ? (value >>> 16) | 0x40 : (value + 0x7fff + ((value >>> 16) & 1)) >>> 16;
  }
}

const oneFloat = new Float32Array(1);
const oneFloatBits = new Uint32Array(oneFloat.buffer);

/** float16 bits of one number. */
export function floatToHalf(value: number): number {
  oneFloat[0] = value;
  return narrowFloat16Bits(oneFloatBits[0]!);
}

/** The number of float16 bits. */
export function halfToFloat(half: number): number {
  oneFloatBits[0] = widenedFloat16()[half]!;
  return oneFloat[0]!;
}
