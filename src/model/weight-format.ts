/**
 * How frozen matrices are stored: as they are, in half precision, or in blocks of 32 elements that share a scale. The blocks are those of
 * GGUF's Q8_0 and Q4_0 (ggml-quants.c), scales rounded to half precision included, so that such a file holds the same numbers.
 */
import { R5Error } from '../error.ts';
import { floatToHalf, halfToFloat } from './half-precision.ts';

export const WEIGHT_FORMATS = ['f32', 'f16', 'int8', 'int4'] as const;
export type WeightFormat = (typeof WEIGHT_FORMATS)[number];

export const BLOCK_SIZE = 32;

/** Bytes that `elements` of a matrix take. */
export function storedBytes(format: WeightFormat, elements: number): number {
  switch (format) {
    case 'f32':
      return 4 * elements;
    case 'f16':
      return 2 * elements;
    case 'int8':
      return elements + (4 * elements) / BLOCK_SIZE;
    case 'int4':
      return elements / 2 + (4 * elements) / BLOCK_SIZE;
  }
}

/** Whether rows of this width can be cut into blocks. */
export const fitsBlocks = (width: number): boolean => width % BLOCK_SIZE === 0;

/** Codes and scales of values whose number is a multiple of 32, into `codes` (a byte each) and `scales` (one a block). */
export function quantizeInt8(values: Float32Array, codes: Uint8Array, scales: Float32Array): void {
  for (let block = 0; block < scales.length; block++) {
    const start = block * BLOCK_SIZE;
    let largest = 0;
    for (let i = start; i < start + BLOCK_SIZE; i++) largest = Math.max(largest, Math.abs(values[i] ?? 0));
    requireFinite(largest);
    const exact = largest / 127;
    const inverse = exact === 0 ? 0 : 1 / exact;
    scales[block] = halfToFloat(floatToHalf(exact));
    for (let i = start; i < start + BLOCK_SIZE; i++) codes[i] = 128 + roundAway((values[i] ?? 0) * inverse);
  }
}

/** As `quantizeInt8`, two codes a byte, the first in the low half. */
export function quantizeInt4(values: Float32Array, codes: Uint8Array, scales: Float32Array): void {
  for (let block = 0; block < scales.length; block++) {
    const start = block * BLOCK_SIZE;
    let extreme = 0;
    for (let i = start; i < start + BLOCK_SIZE; i++) if (Math.abs(values[i] ?? 0) > Math.abs(extreme)) extreme = values[i] ?? 0;
    requireFinite(extreme);
    const exact = extreme / -8;
    const inverse = exact === 0 ? 0 : 1 / exact;
    scales[block] = halfToFloat(floatToHalf(exact));
    const code = (i: number) => Math.min(15, Math.trunc((values[i] ?? 0) * inverse + 8.5));
    for (let i = 0; i < BLOCK_SIZE; i += 2) codes[(start + i) / 2] = code(start + i) | (code(start + i + 1) << 4);
  }
}

export function dequantizeInt8(codes: Uint8Array, scales: Float32Array, into: Float32Array): void {
  for (let i = 0; i < into.length; i++) into[i] = ((codes[i] ?? 0) - 128) * (scales[Math.floor(i / BLOCK_SIZE)] ?? 0);
}

export function dequantizeInt4(codes: Uint8Array, scales: Float32Array, into: Float32Array): void {
  for (let i = 0; i < into.length; i++) {
    const byte = codes[i >> 1] ?? 0;
    into[i] = ((i % 2 === 0 ? byte & 15 : byte >> 4) - 8) * (scales[Math.floor(i / BLOCK_SIZE)] ?? 0);
  }
}

/** Halves away from zero, as C's roundf does. */
const roundAway = (x: number): number => (x < 0 ? -Math.floor(0.5 - x) : Math.floor(x + 0.5));

function requireFinite(value: number): void {
  if (!Number.isFinite(value)) throw new R5Error('a weight is not finite (NaN or infinity), so it cannot be stored in blocks; the checkpoint is damaged.');
}
