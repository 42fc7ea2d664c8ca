import { describe, expect, test } from 'vitest';
import { gradients, input, mul, reshape, sum, type Tensor } from '../index.ts';
import { expectClose, gradientCase, testGradients } from '../finite-difference.fixture.ts';
import { evaluateOne } from '../run-graph.fixture.ts';
import * as reduce from './reduce.ts';

const { broadcastTo, logSoftmax, max, softmax, sumSquare, sumToShape } = reduce;

type Reduction = (x: Tensor, axes?: readonly number[], keepDims?: boolean) => Tensor;

function reduction(operation: Reduction) {
  const shape = [2, 3, 2];
  return {
    'everything': gradientCase({ variables: { x: shape }, build: ({ x }) => operation(x) }),
    'one axis': gradientCase({ variables: { x: shape }, build: ({ x }) => operation(x, [1]) }),
    'the last axis, counted from behind and kept': gradientCase({ variables: { x: shape }, build: ({ x }) => operation(x, [-1], true) }),
    'two axes': gradientCase({ variables: { x: shape }, build: ({ x }) => operation(x, [2, 0]) }),
    'no axes': gradientCase({ variables: { x: shape }, build: ({ x }) => operation(x, []) }),
    'an axis of size 1': gradientCase({ variables: { x: [3, 1] }, build: ({ x }) => operation(x, [1]) }),
    'a scalar': gradientCase({ variables: { x: [] }, build: ({ x }) => operation(x) }),
    'symbolic sizes': gradientCase({
      variables: { x: ['batch', 'time', 2] },
      sizes: [
        { batch: 2, time: 3 },
        { batch: 3, time: 1 },
      ],
      build: ({ x }) => operation(x, [1]),
    }),
  };
}

function normalization(operation: (x: Tensor) => Tensor) {
  return {
    'a vector': gradientCase({ variables: { x: [4] }, build: ({ x }) => operation(x) }),
    'rows': gradientCase({ variables: { x: [2, 3] }, build: ({ x }) => operation(x) }),
    'three axes': gradientCase({ variables: { x: [2, 2, 3] }, build: ({ x }) => operation(x) }),
  };
}

testGradients(
  reduce,
  {
    sum: reduction(reduce.sum),
    max: reduction(max),
    sumSquare: reduction(sumSquare),
    broadcastTo: {
      'in front and along 1': gradientCase({ variables: { x: [3, 1] }, build: ({ x }) => broadcastTo(x, [2, 3, 4]) }),
      'a scalar': gradientCase({ variables: { x: [] }, build: ({ x }) => broadcastTo(x, [2, 2]) }),
      'symbolic sizes': gradientCase({
        variables: { x: [1, 2] },
        data: { sized: ['batch', 'time'] },
        sizes: [
          { batch: 2, time: 3 },
          { batch: 1, time: 2 },
        ],
        build: ({ x, sized }) => mul(broadcastTo(x, ['time*batch', 2]), reshape(sized, ['batch*time', 1])),
      }),
    },
    sumToShape: {
      'in front and along 1': gradientCase({ variables: { x: [2, 3, 4] }, build: ({ x }) => sumToShape(x, [3, 1]) }),
      'a scalar': gradientCase({ variables: { x: [2, 3] }, build: ({ x }) => sumToShape(x, []) }),
      'only a 1 in front': gradientCase({ variables: { x: [1, 3] }, build: ({ x }) => sumToShape(x, [3]) }),
    },
    softmax: normalization(softmax),
    logSoftmax: normalization(logSoftmax),
  },
  [],
);

test('elements that share the maximum share its gradient', () => {
  const x = input('x', 'float32', [2, 3]);
  const values = [5, 1, 5, 2, 3, 1];
  expect(evaluateOne(gradients(sum(max(x, [1])), [x])[0]!, { x: { shape: [2, 3], values } })).toEqual([0.5, 0, 0.5, 0, 1, 0]);
});

describe('values', () => {
  const x = input('x', 'float64', [2, 3]);
  const rows = [
    [1, -2, 0.5],
    [1000, 1001, 999],
  ];
  const feeds = { x: { shape: [2, 3], values: rows.flat() } };
  const softmaxOf = (row: number[]): number[] => {
    const exponentials = row.map((value) => Math.exp(value - Math.max(...row)));
    return exponentials.map((e) => e / exponentials.reduce((a, b) => a + b));
  };

  test('softmax and its logarithm, large inputs included', () => {
    expectClose(evaluateOne(softmax(x), feeds), rows.flatMap(softmaxOf), 1e-14);
    expectClose(
      evaluateOne(logSoftmax(x), feeds),
      rows.flatMap((row) => softmaxOf(row).map(Math.log)),
      1e-12,
    );
  });

  test('sums, maxima and squares', () => {
    expect(evaluateOne(reduce.sum(x, [1]), feeds)).toEqual([-0.5, 3000]);
    expect(evaluateOne(reduce.sum(x), feeds)).toEqual([2999.5]);
    expect(evaluateOne(max(x, [0]), feeds)).toEqual([1000, 1001, 999]);
    expect(evaluateOne(sumSquare(x, [1], true), feeds)).toEqual([5.25, 1e6 + 1001 ** 2 + 999 ** 2]);
    expect(sumSquare(x, [1], true).shape).toEqual([2, 1]);
  });

  test('no axes: every element by itself', () => {
    expect(evaluateOne(max(x, []), feeds)).toEqual(rows.flat());
    expect(evaluateOne(sumSquare(x, []), feeds)).toEqual(rows.flat().map((value) => value * value));
  });
});

describe('what does not fit', () => {
  const x = input('x', 'float32', [2, 3]);

  test('an axis that is not there', () => {
    expect(() => reduce.sum(x, [2])).toThrow('sum: axis 2 is not an axis of a tensor of shape [2, 3].');
    expect(() => max(x, [-3])).toThrow('max: axis -3');
    expect(() => sumSquare(x, [0.5])).toThrow('sumSquare: axis 0.5');
  });

  test('broadcastTo names both shapes', () => {
    expect(() => broadcastTo(x, [2, 4])).toThrow('broadcastTo: [2, 3] does not broadcast to [2, 4].');
    expect(() => broadcastTo(x, [3])).toThrow('broadcastTo: [2, 3] does not broadcast to [3].');
  });
});
