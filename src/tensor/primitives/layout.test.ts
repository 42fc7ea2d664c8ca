import { describe, expect, test } from 'vitest';
import { add, gradients, input, mul, sum, type Tensor } from '../index.ts';
import { gradientCase, testGradients } from '../finite-difference.fixture.ts';
import { evaluate, evaluateOne } from '../run-graph.fixture.ts';
import * as layout from './layout.ts';

const { concat, cutPair, flattenRows, isSymbolic, joinPair, reshape, split, transpose, zerosLike } = layout;

const part = (parts: readonly Tensor[], index: number): Tensor => {
  const tensor = parts[index];
  if (!tensor) throw new Error(`no part ${index}`);
  return tensor;
};

testGradients(
  layout,
  {
    reshape: {
      'known sizes': gradientCase({ variables: { x: [2, 6] }, build: ({ x }) => reshape(x, [3, 2, 2]) }),
      'one symbol': gradientCase({
        variables: { x: ['batch', 4] },
        sizes: [{ batch: 2 }, { batch: 1 }],
        build: ({ x }) => reshape(x, [2, '2*batch']),
      }),
      'two symbols': gradientCase({
        variables: { x: ['batch', 'time', 2] },
        sizes: [
          { batch: 2, time: 3 },
          { batch: 3, time: 1 },
        ],
        build: ({ x }) => reshape(reshape(x, ['time*batch', 2]), ['time', 2, 'batch']),
      }),
    },
    transpose: {
      'the last two axes': gradientCase({ variables: { x: [2, 3, 2] }, build: ({ x }) => transpose(x) }),
      'an order that is not its own inverse': gradientCase({ variables: { x: [2, 3, 4] }, build: ({ x }) => transpose(x, [1, 2, 0]) }),
    },
    concat: {
      'rows': gradientCase({ variables: { x: [1, 2], y: [3, 2] }, build: ({ x, y }) => concat([x, y], 0) }),
      'one tensor twice, last axis': gradientCase({ variables: { x: [2, 2], y: [2, 1] }, build: ({ x, y }) => concat([x, y, x], -1) }),
    },
    split: {
      'all parts used': gradientCase({
        variables: { x: [2, 5] },
        build: ({ x }) => {
          const parts = split(x, 1, [2, 1, 2]);
          return add(mul(part(parts, 0), part(parts, 2)), part(parts, 1));
        },
      }),
      'a part left aside': gradientCase({ variables: { x: [5, 2] }, build: ({ x }) => part(split(x, 0, [2, 3]), 1) }),
    },
    joinPair: gradientCase({
      variables: { x: ['batch', 'head', 2], y: ['batch', 'rest', 2], z: ['batch', 'whole', 2] },
      sizes: [{ batch: 2, head: 3, rest: 1, whole: 4 }, { batch: 1, head: 1, rest: 2, whole: 3 }],
      build: ({ x, y, z }) => mul(joinPair(x, y, 1, 'whole'), z),
    }),
    cutPair: {
      'both parts used': gradientCase({
        variables: { x: ['rows', 2], y: ['head', 2], z: ['rest', 2] },
        sizes: [{ rows: 5, head: 2, rest: 3 }],
        build: ({ x, y, z }) => {
          const [head, rest] = cutPair(x, 0, ['head', 'rest']);
          return add(sum(mul(head, y)), sum(mul(rest, z)));
        },
      }),
      'the first part left aside': gradientCase({
        variables: { x: ['rows', 2], z: ['rest', 2] },
        data: { mark: ['head'] },
        sizes: [{ rows: 4, head: 3, rest: 1 }],
        build: ({ x, z, mark }) => {
          const [, rest] = cutPair(x, 0, ['head', 'rest'], [mark]);
          return mul(rest, z);
        },
      }),
    },
    zerosLike: gradientCase({ variables: { x: [2, 3] }, build: ({ x }) => add(zerosLike(x), mul(x, x)) }),
    flattenRows: {
      'three axes': gradientCase({ variables: { x: [2, 3, 2] }, build: ({ x }) => flattenRows(x) }),
      'a vector': gradientCase({ variables: { x: [3] }, build: ({ x }) => flattenRows(x) }),
    },
  },
  ['isSymbolic'],
);

describe('values', () => {
  const x = input('x', 'float32', [2, 3]);
  const feeds = { x: { shape: [2, 3], values: [1, 2, 3, 4, 5, 6] } };

  test('reshape keeps the order, transpose swaps the axes', () => {
    expect(evaluateOne(reshape(x, [3, 2]), feeds)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(evaluateOne(transpose(x), feeds)).toEqual([1, 4, 2, 5, 3, 6]);
    expect(transpose(x).shape).toEqual([3, 2]);
  });

  test('reshape to the same shape is the tensor itself, however its symbols are ordered', () => {
    const symbolic = input('s', 'float32', ['batch*time', 2]);
    expect(reshape(symbolic, ['time*batch', 2])).toBe(symbolic);
  });

  test('split undoes concat', () => {
    const [left, right] = split(concat([x, mul(x, 10)], 1), 1, [3, 3]);
    expect(evaluate({ left: left!, right: right! }, feeds)).toEqual({ left: [1, 2, 3, 4, 5, 6], right: [10, 20, 30, 40, 50, 60] });
  });

  test.each(['float32', 'float64', 'int64', 'int32'] as const)('zeros of type %s', (dtype) => {
    const zeros = zerosLike(input('x', dtype, ['rows', 2]));
    expect(zeros.dtype).toBe(dtype);
    expect(evaluateOne(zeros, { x: { shape: [2, 2], values: [1, 2, 3, 4] } })).toEqual([0, 0, 0, 0]);
  });

  test('what zerosLike takes its shape from gets no gradient', () => {
    expect(evaluateOne(gradients(sum(mul(zerosLike(x), 2)), [x])[0]!, feeds)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('isSymbolic', () => {
    expect([3, '3', 'batch', '2*batch'].map(isSymbolic)).toEqual([false, false, true, true]);
  });
});

describe('what does not fit', () => {
  const x = input('x', 'float32', [2, 3]);

  test('reshape names both shapes', () => {
    expect(() => reshape(x, [4, 2])).toThrow('reshape: [2, 3] and [4, 2] differ in their number of elements.');
    expect(() => reshape(input('s', 'float32', ['batch', 4]), ['time', 4])).toThrow('reshape: [batch, 4] and [time, 4] differ');
  });

  test('transpose', () => {
    for (const order of [[0, 0], [0], [1, 2]])
      expect(() => transpose(x, order)).toThrow(`transpose: [${order.join(', ')}] is not an order of the axes of [2, 3].`);
  });

  test('concat', () => {
    expect(() => concat([x, input('y', 'float32', [3, 3])], 1)).toThrow('concat: shapes [2, 3] and [3, 3] differ beside axis 1.');
    expect(() => concat([x, input('y', 'float32', [3])], 0)).toThrow('concat: shapes [2, 3] and [3] differ beside axis 0.');
    expect(() => concat([x, input('y', 'int64', [2, 3])], 0)).toThrow('concat: operands differ in type: float32[2, 3], int64[2, 3]');
    expect(() => concat([x], 2)).toThrow('concat: axis 2 is not an axis of a tensor of shape [2, 3].');
    expect(() => concat([input('s', 'float32', ['batch'])], 0)).toThrow('concat: dimension 0 of [batch] must be a number.');
  });

  test('split', () => {
    expect(() => split(x, 1, [1, 1])).toThrow('split: sizes [1, 1] do not add up to axis 1 of [2, 3].');
  });
});
