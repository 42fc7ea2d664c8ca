import { describe, expect, test } from 'vitest';
import { gradients, input, mul, reshape, sum, type DType, type Shape } from '../index.ts';
import { expectClose, gradientCase, testGradients } from '../finite-difference.fixture.ts';
import { evaluate, evaluateOne } from '../run-graph.fixture.ts';
import * as indexAccess from './index-access.ts';

const { addAlong, addRows, argMax, cumulativeSum, takeAlong, takeRows, tokenLogprobs, topK } = indexAccess;

/** An integer input that holds a list. */
const indices = (list: readonly number[], shape: Shape = [list.length], dtype: DType = 'int64') => ({
  shape,
  dtype,
  at: (i: number) => list[i % list.length] ?? 0,
});

testGradients(
  indexAccess,
  {
    takeRows: {
      'repeated rows': gradientCase({
        variables: { table: [4, 2] },
        data: { rows: indices([3, 1, 3]) },
        build: ({ table, rows }) => takeRows(table, rows),
      }),
      'int32 rows': gradientCase({
        variables: { table: [3, 2] },
        data: { rows: indices([2, 2, 0, 1], [4], 'int32') },
        build: ({ table, rows }) => takeRows(table, rows),
      }),
      'symbolic number of rows': gradientCase({
        variables: { table: [3, 2] },
        data: { rows: indices([2, 0, 2], ['batch']) },
        sizes: [{ batch: 3 }, { batch: 5 }],
        build: ({ table, rows }) => takeRows(table, rows),
      }),
    },
    addRows: gradientCase({
      variables: { table: [3, 2], updates: [4, 2] },
      data: { rows: indices([2, 0, 2, 2]) },
      build: ({ table, rows, updates }) => addRows(table, rows, updates),
    }),
    takeAlong: {
      'a matrix': gradientCase({
        variables: { x: [2, 3] },
        data: { positions: indices([2, 2, 0, 1, 2, 1, 1, 1], [2, 4]) },
        build: ({ x, positions }) => takeAlong(x, positions),
      }),
      'three axes': gradientCase({
        variables: { x: [2, 2, 3] },
        data: { positions: indices([2, 0, 1, 1], [2, 2, 1]) },
        build: ({ x, positions }) => takeAlong(x, positions),
      }),
    },
    addAlong: gradientCase({
      variables: { x: [2, 3], updates: [2, 4] },
      data: { positions: indices([2, 2, 0, 1, 2, 1, 1, 1], [2, 4]) },
      build: ({ x, positions, updates }) => addAlong(x, positions, updates),
    }),
    tokenLogprobs: {
      'known rows': gradientCase({
        variables: { logits: [3, 4] },
        data: { targets: indices([1, 3, 1]) },
        build: ({ logits, targets }) => tokenLogprobs(logits, targets),
      }),
      'symbolic rows': gradientCase({
        variables: { logits: ['batch', 'time', 3] },
        data: { targets: indices([2, 0, 1], ['batch', 'time']) },
        sizes: [
          { batch: 2, time: 2 },
          { batch: 1, time: 3 },
        ],
        build: ({ logits, targets }) => tokenLogprobs(reshape(logits, ['batch*time', 3]), reshape(targets, ['batch*time'])),
      }),
    },
    topK: gradientCase({ variables: { x: [2, 5] }, build: ({ x }) => topK(x, 3).values }),
    cumulativeSum: {
      'the element included': gradientCase({ variables: { x: [2, 4] }, build: ({ x }) => cumulativeSum(x) }),
      'the element left out': gradientCase({ variables: { x: [2, 4] }, build: ({ x }) => cumulativeSum(x, { exclusive: true }) }),
      'of its own gradient': gradientCase({
        variables: { x: [3] },
        build: ({ x }) => reshape(gradients(sum(mul(cumulativeSum(mul(x, x)), cumulativeSum(x, { exclusive: true }))), [x])[0]!, [3]),
      }),
      'of a running sum': gradientCase({
        variables: { x: [3] },
        build: ({ x }) => cumulativeSum(mul(cumulativeSum(x), x), { exclusive: true }),
      }),
    },
  },
  ['argMax'],
);

test('argMax has no gradient and says so', () => {
  const x = input('x', 'float32', [2, 3]);
  expect(() => gradients(sum(takeAlong(x, reshape(argMax(x), [2, 1]))), [x])).not.toThrow();
  expect(() => gradients(sum(argMax(x)), [x])).toThrow("'argMax' is not differentiable; wrap its result in stopGradient().");
});

describe('values', () => {
  const x = input('x', 'float32', [2, 4]);
  const rows = [
    [0.5, 3, -1, 3],
    [7, -2, 7.5, 0],
  ];
  const feeds = { x: { shape: [2, 4], values: rows.flat() } };

  test('addRows adds to a row as often as it is named', () => {
    const result = addRows(x, input('rows', 'int64', [3]), input('updates', 'float32', [3, 4]));
    const updates = [1, 2, 3, 4, 10, 20, 30, 40, 100, 200, 300, 400];
    const given = { ...feeds, rows: { shape: [3], values: [1, 0, 1] }, updates: { shape: [3, 4], values: updates } };
    expect(evaluateOne(result, given)).toEqual([10.5, 23, 29, 43, 108, 200, 310.5, 404]);
  });

  test('takeRows', () => {
    const result = takeRows(x, input('rows', 'int64', [3]));
    expect(evaluateOne(result, { ...feeds, rows: { shape: [3], values: [1, 1, 0] } })).toEqual([...rows[1]!, ...rows[1]!, ...rows[0]!]);
  });

  test('takeAlong reads along the last axis, addAlong adds there, repeated positions too', () => {
    const positions = input('positions', 'int64', [2, 3]);
    const given = {
      ...feeds,
      positions: { shape: [2, 3], values: [3, 0, 3, 1, 1, 2] },
      updates: { shape: [2, 3], values: [1, 10, 100, 1, 10, 100] },
    };
    expect(evaluateOne(takeAlong(x, positions), given)).toEqual([3, 0.5, 3, -2, -2, 7.5]);
    const result = addAlong(x, positions, input('updates', 'float32', [2, 3]));
    expect(evaluateOne(result, given)).toEqual([10.5, 3, -1, 104, 7, 9, 107.5, 0]);
  });

  test('tokenLogprobs is the logarithm of the softmax at the target', () => {
    const targets = input('targets', 'int64', [2]);
    const expected = [2, 0].map((target, i) => rows[i]![target]! - Math.log(rows[i]!.reduce((total, value) => total + Math.exp(value), 0)));
    expectClose(evaluateOne(tokenLogprobs(x, targets), { ...feeds, targets: { shape: [2], values: [2, 0] } }), expected, 1e-6);
  });

  test('topK gives the largest first, the first of equals before the others, and where they were', () => {
    const { values, indices: places } = topK(x, 3);
    expect(evaluate({ values, places }, feeds)).toEqual({ values: [3, 3, 0.5, 7.5, 7, 0], places: [1, 3, 0, 2, 0, 3] });
    expect(places.dtype).toBe('int64');
  });

  test('running sums with and without the element', () => {
    expect(evaluateOne(cumulativeSum(x), feeds)).toEqual([0.5, 3.5, 2.5, 5.5, 7, 5, 12.5, 12.5]);
    expect(evaluateOne(cumulativeSum(x, { exclusive: true }), feeds)).toEqual([0, 0.5, 3.5, 2.5, 0, 7, 5, 12.5]);
  });

  test('argMax takes the first of equals', () => {
    expect(evaluateOne(argMax(x), feeds)).toEqual([1, 2]);
  });
});

describe('what does not fit', () => {
  const x = input('x', 'float32', [2, 4]);
  const of = (...shape: number[]) => input('other', 'float32', shape);
  const integers = (...shape: number[]) => input('integers', 'int64', shape);

  test('rows', () => {
    expect(() => takeRows(of(3), integers(2))).toThrow('takeRows: needs 2 dimensions, got shape [3].');
    expect(() => takeRows(x, integers(2, 1))).toThrow('takeRows: needs 1 dimensions, got shape [2, 1].');
    expect(() => addRows(x, integers(3), of(3, 5))).toThrow('addRows: rows of [3, 5] do not fit a table of shape [2, 4].');
    expect(() => addRows(x, integers(2), of(3, 4))).toThrow('addRows: [2] row numbers do not fit updates of shape [3, 4].');
  });

  test('positions', () => {
    expect(() => takeAlong(x, integers(2))).toThrow('takeAlong: [2, 4] and positions [2] may differ in the last axis only.');
    expect(() => takeAlong(x, integers(1, 4))).toThrow('takeAlong: [2, 4] and positions [1, 4] may differ');
    expect(() => addAlong(x, integers(3, 1), of(3, 1))).toThrow('addAlong: [2, 4] and positions [3, 1] may differ');
    expect(() => addAlong(x, integers(2, 1), of(2, 2))).toThrow('addAlong: positions [2, 1] and updates [2, 2] differ in shape.');
  });

  test('tokenLogprobs and topK', () => {
    expect(() => tokenLogprobs(x, integers(3))).toThrow('tokenLogprobs: logits [2, 4] and targets [3] do not fit.');
    for (const k of [0, 5, 1.5]) expect(() => topK(x, k)).toThrow(`topK: cannot take ${k} along the last axis of [2, 4].`);
    expect(() => topK(of(), 1)).toThrow('topK: cannot take 1 along the last axis of [].');
  });
});
