import { describe, expect, test } from 'vitest';
import {
  add,
  broadcastTo,
  cast,
  compile,
  constant,
  input,
  mul,
  reshape,
  rmsNorm,
  split,
  stopGradient,
  zerosLike,
  type DType,
} from './index.ts';
import { evaluate, evaluateOne, Program } from './run-graph.fixture.ts';

const feeds = { x: { shape: [2], values: [1, 2] }, y: { shape: [2], values: [30, 40] } };

describe('inputs and outputs', () => {
  const x = input('x', 'float32', [2]);
  const y = input('y', 'float32', [2]);

  test('every output has its name, in the order given', () => {
    const graph = compile({ total: add(x, y), product: mul(x, y) });
    expect(graph.outputs).toEqual({ total: { shape: [2], dtype: 'float32' }, product: { shape: [2], dtype: 'float32' } });
    expect(evaluate({ total: add(x, y), product: mul(x, y) }, feeds)).toEqual({ total: [31, 42], product: [30, 80] });
  });

  test('an output that another operation reads goes on being read', () => {
    const total = add(x, y);
    expect(evaluate({ total, doubled: mul(total, 2) }, feeds)).toEqual({ total: [31, 42], doubled: [62, 84] });
  });

  test('one tensor under two names', () => {
    const total = add(x, y);
    expect(evaluate({ first: total, again: total, more: add(total, x) }, feeds)).toEqual({
      first: [31, 42],
      again: [31, 42],
      more: [32, 44],
    });
  });

  test('inputs, constants and values without gradient as outputs', () => {
    const outputs = { same: x, twin: x, fixed: constant([5, 6], 'float32', [2]), stopped: stopGradient(y) };
    expect(evaluate(outputs, feeds)).toEqual({ same: [1, 2], twin: [1, 2], fixed: [5, 6], stopped: [30, 40] });
  });

  test('the second result of an operation as an output', () => {
    const [, right] = split(input('z', 'float32', [3]), 0, [1, 2]);
    expect(evaluate({ right: right! }, { z: { shape: [3], values: [7, 8, 9] } })).toEqual({ right: [8, 9] });
  });

  test('only what the outputs need is in the graph', () => {
    const unused = mul(y, 2);
    expect(add(unused, 1).shape).toEqual([2]);
    expect(Object.keys(compile({ doubled: mul(x, 2) }).inputs)).toEqual(['x']);
  });

  test('names that clash are refused', () => {
    const other = input('x', 'float32', [2]);
    expect(() => compile({ total: add(x, other) })).toThrow("Two inputs of the graph are called 'x'; give each its own name.");
    expect(() => compile({ x: mul(x, 2) })).toThrow("An input and an output of the graph are both called 'x'; give each its own name.");
  });
});

describe('symbolic sizes', () => {
  test('the compiled graph keeps the symbols', () => {
    const graph = compile({ flat: reshape(input('x', 'float32', ['batch', 'time']), ['time*batch']) });
    expect(graph.inputs.x?.shape).toEqual(['batch', 'time']);
    expect(graph.outputs.flat?.shape).toEqual(['batch*time']);
  });

  test('shapes are worked out from the inputs when the graph runs', () => {
    const x = input('x', 'float32', ['batch', 'time']);
    const program = new Program({ wide: broadcastTo(constant(3), ['2*batch*time', 1, 'time']), zeros: zerosLike(x) });
    const run = (batch: number, time: number) =>
      program.run({ x: { shape: [batch, time], values: new Array<number>(batch * time).fill(1) } });
    expect(run(2, 3)).toEqual({ wide: new Array(36).fill(3), zeros: new Array(6).fill(0) });
    expect(run(1, 2)).toEqual({ wide: new Array(8).fill(3), zeros: [0, 0] });
  });

  test('a product that an input has as a whole needs no input for its parts', () => {
    const x = input('x', 'float32', ['batch*time', 2]);
    expect(evaluateOne(zerosLike(x), { x: { shape: [2, 2], values: [1, 2, 3, 4] } })).toEqual([0, 0, 0, 0]);
  });

  test('a symbol that no input has', () => {
    const x = input('x', 'float32', ['rows', 1]);
    expect(() => compile({ wide: broadcastTo(x, ['rows', 'time']) })).toThrow(
      "The symbolic dimension 'time' is not a dimension of any input of the graph: x[rows, 1].",
    );
  });
});

describe('constants', () => {
  test.each<[DType, number[]]>([
    ['float32', [1.5, -2, 0]],
    ['float64', [0.1, 1e300, -0.5]],
    ['int32', [1, -2, 2 ** 31 - 1]],
    ['int64', [1, -2, Number.MAX_SAFE_INTEGER]],
    ['uint8', [0, 7, 255]],
    ['bool', [0, 1, 1]],
  ])('of type %s keep their values', (dtype, values) => {
    expect(evaluateOne(constant(values, dtype, [3]))).toEqual(values);
  });

  test('infinities and not-a-number', () => {
    expect(evaluateOne(constant([Infinity, -Infinity, NaN], 'float32', [3]))).toEqual([Infinity, -Infinity, NaN]);
  });

  test('one number fills the shape; no shape is a scalar; a shape may be empty', () => {
    expect(evaluateOne(constant(7, 'int64', [2, 2]))).toEqual([7, 7, 7, 7]);
    expect(constant(7).shape).toEqual([]);
    expect(evaluateOne(constant([], 'float32', [0]))).toEqual([]);
  });

  test('equal ones are stored once, those that differ in type or shape apart', () => {
    const bytes = (second: ReturnType<typeof constant>) =>
      compile({
        first: mul(input('x', 'float32', [500]), constant(3, 'float32', [500])),
        second: mul(input('y', second.dtype, second.shape), second),
      }).model.length;
    expect(bytes(constant(3, 'float32', [500]))).toBeLessThan(3000);
    expect(bytes(constant(4, 'float32', [500]))).toBeGreaterThan(4000);
    expect(bytes(constant(3, 'int32', [500]))).toBeGreaterThan(4000);
    expect(bytes(constant(3, 'float32', [50, 10]))).toBeGreaterThan(4000);
  });

  test('a list that does not fill its shape, and float16', () => {
    expect(() => constant([1, 2, 3])).toThrow('constant: 3 values do not fill the shape [], which has 1.');
    expect(() => constant([1, 2, 3], 'float32', [2, 2])).toThrow('constant: 3 values do not fill the shape [2, 2], which has 4.');
    expect(() => compile({ half: constant(1, 'float16') })).toThrow(
      'Constants in float16 are not supported; make the constant in float32 and cast() it.',
    );
    expect(evaluateOne(cast(cast(constant(1.5), 'float16'), 'float32'))).toEqual([1.5]);
  });
});

test('a whole number as a float attribute stays a float', () => {
  const normal = rmsNorm(input('x', 'float32', [1, 2]), input('weight', 'float32', [2]), 1);
  const [first] = evaluateOne(normal, { x: { shape: [1, 2], values: [1, 7] }, weight: { shape: [2], values: [1, 1] } });
  expect(first).toBeCloseTo(1 / Math.sqrt(26), 6);
});
