import { describe, expect, test } from 'vitest';
import { gradients, input, sum, type Shape, type Tensor } from '../index.ts';
import { expectClose, gradientCase, testGradients } from '../finite-difference.fixture.ts';
import { evaluateOne } from '../run-graph.fixture.ts';
import * as elementwise from './elementwise.ts';

const { abs, add, cast, clamp, div, exp, log, maximum, minimum, mul, neg, relu, sigmoid, sqrt, stopGradient, sub, swiglu, tanh, where } =
  elementwise;
const { equal, greater, greaterOrEqual, less, lessOrEqual } = elementwise;
const comparisons = { greater, less, equal, greaterOrEqual, lessOrEqual };

type Binary = (left: Tensor, right: Tensor) => Tensor;

/** Away from 0, of both signs. */
const nonZero = (index: number): number => (index % 2 === 0 ? 1 : -1) * (0.5 + ((index * 7) % 11) / 5);
const positive = (index: number): number => 0.3 + ((index * 7) % 11) / 5;

function binary(operation: Binary) {
  const pair = (left: Shape, right: Shape) =>
    gradientCase({ variables: { left, right: { shape: right, at: nonZero } }, build: (tensors) => operation(tensors.left, tensors.right) });
  return {
    'one shape': pair([2, 3], [2, 3]),
    'a row': pair([2, 3], [3]),
    'a column and a row': pair([2, 1], [1, 3]),
    'a scalar': pair([], [2, 2]),
    'symbolic sizes': gradientCase({
      variables: { left: ['rows', 'columns'], right: { shape: [1, 'columns'], at: nonZero } },
      sizes: [
        { rows: 2, columns: 3 },
        { rows: 1, columns: 2 },
      ],
      build: (tensors) => operation(tensors.left, tensors.right),
    }),
  };
}

const unary = (operation: (x: Tensor) => Tensor, at?: (index: number) => number) =>
  gradientCase({ variables: { x: at ? { shape: [2, 3], at } : { shape: [2, 3] } }, build: ({ x }) => operation(x) });

testGradients(
  elementwise,
  {
    add: binary(add),
    sub: binary(sub),
    mul: binary(mul),
    div: binary(div),
    maximum: binary(maximum),
    minimum: binary(minimum),
    clamp: gradientCase({ variables: { x: { shape: [8], at: (i) => i / 4 - 0.9 } }, build: ({ x }) => mul(clamp(x, -0.5, 0.5), x) }),
    neg: unary(neg),
    exp: unary(exp),
    log: unary(log, positive),
    sqrt: unary(sqrt, positive),
    tanh: unary(tanh),
    sigmoid: unary(sigmoid),
    abs: unary(abs, nonZero),
    relu: unary(relu, nonZero),
    swiglu: gradientCase({ variables: { gate: [2, 3], up: [2, 3] }, build: ({ gate, up }) => swiglu(gate, up) }),
    where: gradientCase({
      variables: { yes: [2, 3], no: [3] },
      data: { condition: { shape: [2, 1], dtype: 'bool', at: (i) => i } },
      build: ({ condition, yes, no }) => where(condition, yes, no),
    }),
    // Multiples of 1/4 with a step of 1/8 are exact in both types.
    cast: gradientCase({
      variables: { x: { shape: [4], at: (i) => i / 4 } },
      step: 1 / 8,
      build: ({ x }, dtype) => cast(cast(x, dtype === 'float32' ? 'float64' : 'float32'), dtype),
    }),
  },
  ['greater', 'less', 'equal', 'greaterOrEqual', 'lessOrEqual', 'stopGradient'],
);

const x = input('x', 'float64', [4]);
const y = input('y', 'float64', [4]);
const gradientsAt = (f: (x: Tensor, y: Tensor) => Tensor, xs: readonly number[], ys: readonly number[]): number[][] =>
  gradients(sum(f(x, y)), [x, y]).map((gradient) =>
    evaluateOne(gradient, { x: { shape: [4], values: xs }, y: { shape: [4], values: ys } }),
  );

describe('where the slope is not defined', () => {
  test('equal operands of maximum and minimum: the left one takes the whole gradient', () => {
    expect(gradientsAt(maximum, [1, 2, 3, 4], [1, 2, 0, 5])).toEqual([
      [1, 1, 1, 0],
      [0, 0, 0, 1],
    ]);
    expect(gradientsAt(minimum, [1, 2, 3, 4], [1, 2, 0, 5])).toEqual([
      [1, 1, 0, 1],
      [0, 0, 1, 0],
    ]);
  });

  test('clamp passes the gradient at its bounds', () => {
    expect(gradientsAt((a) => clamp(a, -1, 1), [-1, 1, -2, 2], [0, 0, 0, 0])[0]).toEqual([1, 1, 0, 0]);
  });

  test('abs and relu have none at 0', () => {
    expect(gradientsAt((a, b) => add(abs(a), relu(b)), [0, -0, 3, -3], [0, -0, 3, -3])).toEqual([
      [0, 0, 1, -1],
      [0, 0, 1, 0],
    ]);
  });
});

describe('stopGradient', () => {
  test('keeps the value and lets no gradient through', () => {
    expect(evaluateOne(stopGradient(x), { x: { shape: [4], values: [1, 2, 3, 4] } })).toEqual([1, 2, 3, 4]);
    expect(gradientsAt((a, b) => mul(stopGradient(mul(a, b)), b), [1, 2, 3, 4], [5, 6, 7, 8])).toEqual([
      [0, 0, 0, 0],
      [5, 12, 21, 32],
    ]);
  });

  test('shields operations that have no gradient', () => {
    const mask = (a: Tensor) => stopGradient(cast(greater(a, 2), 'float64'));
    expect(gradientsAt((a) => mul(mask(a), a), [1, 2, 3, 4], [0, 0, 0, 0])[0]).toEqual([0, 0, 1, 1]);
  });
});

describe('operations without a gradient say so', () => {
  test.each(Object.entries(comparisons))('%s', (name, compare) => {
    const scalar = sum(mul(cast(compare(x, y), 'float64'), x));
    expect(() => gradients(scalar, [x])).toThrow(`'${name}' is not differentiable; wrap its result in stopGradient().`);
  });

  test('cast to whole numbers and back', () => {
    expect(() => gradients(sum(cast(cast(x, 'int32'), 'float64')), [x])).toThrow('cast to int32 is not differentiable');
  });
});

describe('values', () => {
  const feeds = { x: { shape: [4], values: [-2, -1, 0, 3] }, y: { shape: [4], values: [-3, -1, 5, 2] } };

  test('comparisons', () => {
    const compared = Object.values(comparisons).map((compare) => evaluateOne(compare(x, y), feeds));
    expect(compared).toEqual([
      [1, 0, 0, 1],
      [0, 0, 1, 0],
      [0, 1, 0, 0],
      [1, 1, 0, 1],
      [0, 1, 1, 0],
    ]);
  });

  test('swiglu is gate * sigmoid(gate) * up', () => {
    const expected = [-2, -1, 0, 3].map((gate, i) => (gate / (1 + Math.exp(-gate))) * [-3, -1, 5, 2][i]!);
    // In float32, because ONNX Runtime fuses silu into a kernel that has no float64.
    expectClose(evaluateOne(swiglu(cast(x, 'float32'), cast(y, 'float32')), feeds), expected, 1e-6);
  });

  test('a number takes the type of the tensor, on both sides', () => {
    expect(evaluateOne(sub(1, x), feeds)).toEqual([3, 2, 1, -2]);
    expect(sub(1, x).dtype).toBe('float64');
    expect(mul(input('n', 'int64', [2]), 3).dtype).toBe('int64');
  });

  test('cast to its own type is the tensor itself', () => {
    expect(cast(x, 'float64')).toBe(x);
  });
});

describe('operands that do not fit', () => {
  const wide = input('wide', 'float64', [2, 5]);

  test.each(Object.entries({ add, sub, mul, div, maximum, minimum, ...comparisons }))(
    '%s names itself and both shapes',
    (name, operation) => {
      expect(() => operation(x, wide)).toThrow(`${name}: shapes [4] and [2, 5] do not broadcast (4 against 5).`);
    },
  );

  test('where and swiglu', () => {
    expect(() => where(greater(x, 0), x, wide)).toThrow('where: shapes [4] and [2, 5] do not broadcast');
    expect(() => swiglu(x, wide)).toThrow('swiglu: gate [4] and up [2, 5] differ in shape.');
    expect(() => swiglu(input('column', 'float64', [4, 1]), input('matrix', 'float64', [4, 3]))).toThrow(
      'swiglu: gate [4, 1] and up [4, 3]',
    );
  });

  test('types that differ', () => {
    expect(() => add(x, input('single', 'float32', [4]))).toThrow('add: operands differ in type: float64[4], float32[4]. Use cast().');
  });

  test('a symbol broadcasts with itself and 1 only', () => {
    const batch = input('batch', 'float64', ['batch', 3]);
    expect(add(batch, input('row', 'float64', [1, 3])).shape).toEqual(['batch', 3]);
    expect(() => add(batch, input('other', 'float64', ['time', 3]))).toThrow(
      'add: shapes [batch, 3] and [time, 3] do not broadcast (batch against time).',
    );
  });
});
