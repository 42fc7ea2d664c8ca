import { describe, expect, test } from 'vitest';
import { input } from '../index.ts';
import { expectClose, gradientCase, testGradients } from '../finite-difference.fixture.ts';
import { evaluateOne } from '../run-graph.fixture.ts';
import * as constantWeights from './constant-weights.ts';
import { constantProduct, dequantize, quantizedProduct } from './constant-weights.ts';

const codes8 = Array.from({ length: 3 * 64 }, (_, i) => (i * 37 + 11) % 256);
const scales8 = Array.from({ length: 6 }, (_, i) => 0.01 * (i + 1));
const value8 = (row: number, column: number): number => ((codes8[row * 64 + column] ?? 0) - 128) * (scales8[row * 2 + Math.floor(column / 32)] ?? 0);

testGradients(
  constantWeights,
  {
    constantProduct: {
      'as it is': gradientCase({ variables: { x: ['rows', 3] }, data: { w: [3, 4] }, sizes: [{ rows: 2 }], build: ({ x, w }) => constantProduct(x, w, () => w) }),
      transposed: gradientCase({
        variables: { x: [2, 3] },
        data: { w: [4, 3] },
        build: ({ x, w }) => constantProduct(x, w, () => w, { transposeRight: true }),
      }),
    },
    quantizedProduct: gradientCase({
      variables: { x: [2, 64] },
      data: { codes: { shape: [3, 2, 32], at: (i) => codes8[i] ?? 0, dtype: 'uint8' }, scales: { shape: [6], at: (i) => scales8[i] ?? 0 } },
      build: ({ x, codes, scales }) => quantizedProduct(x, { codes, scales }, 8, () => ({ codes, scales })),
      float32Only: true,
    }),
  },
  ['dequantize', 'externalConstant'],
);

describe('dequantize', () => {
  test('8 bits: (code - 128) * scale', () => {
    const matrix = { codes: input('codes', 'uint8', [3, 2, 32]), scales: input('scales', 'float32', [6]) };
    const arrays = { codes: { shape: [3, 2, 32], values: codes8 }, scales: { shape: [6], values: scales8 } };
    const expected = Array.from({ length: 3 * 64 }, (_, i) => value8(Math.floor(i / 64), i % 64));
    expectClose(evaluateOne(dequantize(matrix, 8), arrays), expected, 1e-6);
  });

  test('4 bits: two a byte, the first in the low half', () => {
    const matrix = { codes: input('codes', 'uint8', [1, 1, 16]), scales: input('scales', 'float32', [1]) };
    const bytes = Array.from({ length: 16 }, (_, i) => i | ((15 - i) << 4));
    const arrays = { codes: { shape: [1, 1, 16], values: bytes }, scales: { shape: [1], values: [0.5] } };
    const expected = Array.from({ length: 32 }, (_, i) => 0.5 * ((i % 2 === 0 ? i / 2 : 15 - (i - 1) / 2) - 8));
    expect(evaluateOne(dequantize(matrix, 4), arrays)).toEqual(expected);
  });
});
