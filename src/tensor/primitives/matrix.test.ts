import { describe, expect, test } from 'vitest';
import { constant, input, type Shape } from '../index.ts';
import { expectClose, gradientCase, testGradients } from '../finite-difference.fixture.ts';
import { evaluateOne } from '../run-graph.fixture.ts';
import * as matrix from './matrix.ts';

const { accumulateProduct, gemm, matmul } = matrix;

const flags = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
] as const;

/** [2, 4] times [4, 3], stored as the flags say. */
const stored = (transposeLeft: boolean, transposeRight: boolean) => ({
  left: transposeLeft ? [4, 2] : [2, 4],
  right: transposeRight ? [3, 4] : [4, 3],
});

const gemmCases = flags.flatMap(([transposeLeft, transposeRight]) => {
  const variables = stored(transposeLeft, transposeRight);
  const named = `${transposeLeft ? 'left transposed' : 'left as it is'}, ${transposeRight ? 'right transposed' : 'right as it is'}`;
  const withAddend = (addend: Shape) =>
    gradientCase({
      variables: { ...variables, addend },
      build: ({ left, right, addend: sum }) => gemm(left, right, { transposeLeft, transposeRight, addend: sum }),
    });
  return [
    [named, gradientCase({ variables, build: ({ left, right }) => gemm(left, right, { transposeLeft, transposeRight }) })],
    [`${named}, a row added`, withAddend([3])],
    [`${named}, a matrix added`, withAddend([2, 3])],
  ] as const;
});

const matmulCase = (left: Shape, right: Shape) =>
  gradientCase({ variables: { left, right }, build: (tensors) => matmul(tensors.left, tensors.right) });

testGradients(
  matrix,
  {
    gemm: {
      ...Object.fromEntries(gemmCases),
      'a column added': gradientCase({
        variables: { left: [2, 4], right: [4, 3], addend: [2, 1] },
        build: ({ left, right, addend }) => gemm(left, right, { addend }),
      }),
      'symbolic rows': gradientCase({
        variables: { left: ['rows', 3], right: [2, 3], addend: [2] },
        sizes: [{ rows: 2 }, { rows: 4 }],
        build: ({ left, right, addend }) => gemm(left, right, { transposeRight: true, addend }),
      }),
      'a matrix with itself': gradientCase({ variables: { x: [3, 3] }, build: ({ x }) => gemm(x, x, { transposeLeft: true }) }),
    },
    matmul: {
      'two matrices': matmulCase([2, 3], [3, 2]),
      'batches': matmulCase([2, 2, 3], [2, 3, 2]),
      'batches that broadcast on both sides': matmulCase([2, 1, 2, 3], [1, 3, 3, 2]),
      'symbolic batches': gradientCase({
        variables: { left: ['batch', 2, 'inner'], right: [1, 'inner', 2] },
        sizes: [
          { batch: 2, inner: 3 },
          { batch: 1, inner: 1 },
        ],
        build: ({ left, right }) => matmul(left, right),
      }),
    },
  },
  ['accumulateProduct'],
);

describe('values', () => {
  const product = (left: number[][], right: number[][]): number[] =>
    left.flatMap((row) => right[0]!.map((_, column) => row.reduce((total, value, i) => total + value * right[i]![column]!, 0)));
  const transposed = (x: number[][]): number[][] => x[0]!.map((_, column) => x.map((row) => row[column]!));
  const left = [
    [1, 2, 3, 4],
    [-5, 6, 0.5, 8],
  ];
  const right = [
    [1, 0, 2],
    [3, -1, 4],
    [5, 6, 7],
    [0.25, 8, 9],
  ];

  test.each(flags)('gemm, transposed left %s and right %s', (transposeLeft, transposeRight) => {
    const shapes = stored(transposeLeft, transposeRight);
    const result = gemm(input('left', 'float32', shapes.left), input('right', 'float32', shapes.right), {
      transposeLeft,
      transposeRight,
      addend: constant([10, 20, 30], 'float32', [3]),
    });
    const feeds = {
      left: { shape: shapes.left, values: (transposeLeft ? transposed(left) : left).flat() },
      right: { shape: shapes.right, values: (transposeRight ? transposed(right) : right).flat() },
    };
    expect(evaluateOne(result, feeds)).toEqual(product(left, right).map((value, i) => value + [10, 20, 30][i % 3]!));
  });

  test('matmul multiplies every pair of matrices that broadcasting makes', () => {
    const result = matmul(input('left', 'float32', [1, 2, 4]), input('right', 'float32', [2, 4, 3]));
    const second = right.map((row) => row.map((value) => value * 2));
    const feeds = {
      left: { shape: [1, 2, 4], values: left.flat() },
      right: { shape: [2, 4, 3], values: [...right.flat(), ...second.flat()] },
    };
    expectClose(evaluateOne(result, feeds), [...product(left, right), ...product(left, second)], 1e-6);
  });
});

describe('accumulateProduct', () => {
  const [a, b, accumulator] = [input('a', 'float32', [2, 3]), input('b', 'float32', [3, 2]), input('c', 'float32', [2, 2])];

  test('a plain product takes the accumulator as its addend', () => {
    const joined = accumulateProduct(accumulator, gemm(a, b));
    expect(joined?.node.primitive.name).toBe('gemm');
    expect(joined?.node.inputs).toEqual([a, b, accumulator]);
  });

  test('what is no product, or has an addend already, is left to the caller', () => {
    expect(accumulateProduct(accumulator, gemm(a, b, { addend: accumulator }))).toBeUndefined();
    expect(accumulateProduct(accumulator, matmul(a, b))).toBeUndefined();
  });
});

describe('what does not fit', () => {
  const a = input('a', 'float32', [2, 3]);

  test('gemm names the shapes, the transpositions and the sizes that differ', () => {
    expect(() => gemm(a, input('b', 'float32', [4, 2]))).toThrow('gemm: [2, 3] and [4, 2] do not fit: 3 against 4.');
    expect(() => gemm(a, a, { transposeLeft: true, transposeRight: true })).toThrow(
      'gemm: [2, 3] and [2, 3] (left transposed) (right transposed) do not fit: 2 against 3.',
    );
    expect(() => gemm(a, input('b', 'float32', [3]))).toThrow('gemm: needs 2 dimensions, got shape [3].');
    expect(() => gemm(a, input('b', 'float64', [3, 2]))).toThrow('gemm: operands differ in type: float32[2, 3], float64[3, 2]');
  });

  test('an addend that would widen the product', () => {
    const b = input('b', 'float32', [3, 2]);
    for (const shape of [
      [3, 1, 2],
      [1, 2, 2],
    ]) {
      expect(() => gemm(a, b, { addend: input('c', 'float32', shape) })).toThrow(
        `gemm: [${shape.join(', ')}] cannot be added to a product of shape [2, 2].`,
      );
    }
    expect(() => gemm(a, b, { addend: input('c', 'float32', [3]) })).toThrow('gemm: shapes [3] and [2, 2] do not broadcast');
  });

  test('matmul', () => {
    expect(() => matmul(a, a)).toThrow('matmul: [2, 3] and [2, 3] do not fit.');
    expect(() => matmul(a, input('b', 'float32', [1, 3, 2]))).toThrow('matmul: [2, 3] and [1, 3, 2] do not fit.');
    expect(() => matmul(input('l', 'float32', [2, 2, 3]), input('r', 'float32', [3, 3, 2]))).toThrow(
      'matmul: shapes [2] and [3] do not broadcast',
    );
  });
});
