import { describe, expect, test } from 'vitest';
import {
  accumulate,
  add,
  argMax,
  attention,
  cast,
  exp,
  gemm,
  gradients,
  input,
  mul,
  neg,
  reshape,
  rmsNorm,
  stopGradient,
  sub,
  sum,
  swiglu,
  takeRows,
  tokenLogprobs,
  type Tensor,
} from './index.ts';
import { checkGradients, expectClose } from './finite-difference.fixture.ts';
import { evaluate, evaluateOne } from './run-graph.fixture.ts';
import { reachable } from './onnx.ts';

const x = input('x', 'float64', [3]);
const feeds = { x: { shape: [3], values: [1, 2, -3] } };

const only = (tensors: readonly Tensor[]): Tensor => {
  const [tensor, ...others] = tensors;
  if (!tensor || others.length > 0) throw new Error(`${tensors.length} tensors where one was expected`);
  return tensor;
};
const gradientOf = (scalar: Tensor, variable: Tensor): Tensor => only(gradients(scalar, [variable]));
const operationCount = (tensor: Tensor): number => reachable([tensor]).filter((node) => node.primitive.name !== 'input').length;

describe('gradients add up over every way to the scalar', () => {
  test('a tensor used three times, once through another that is used twice', () => {
    checkGradients({
      variables: { a: [3], b: [3] },
      build: ({ a, b }) => {
        const shared = mul(a, b);
        return add(mul(shared, exp(a)), sub(shared, mul(a, shared)));
      },
    });
  });

  test('a tensor with itself', () => {
    checkGradients({ variables: { a: [2, 2] }, build: ({ a }) => gemm(a, sub(a, mul(a, a))) });
  });

  test('embeddings tied to the output layer', () => {
    checkGradients({
      variables: { embeddings: [5, 3] },
      data: {
        tokens: { shape: [4], dtype: 'int64', at: (i) => [1, 4, 1, 0][i] ?? 0 },
        targets: { shape: [4], dtype: 'int64', at: (i) => i },
      },
      build: ({ embeddings, tokens, targets }) =>
        tokenLogprobs(gemm(takeRows(embeddings, tokens), embeddings, { transposeRight: true }), targets),
    });
  });

  test('a transformer block of symbolic sizes, compiled once', () => {
    const weights = {
      embeddings: [5, 4],
      norm: [4],
      query: [4, 8],
      key: [4, 4],
      value: [4, 4],
      output: [8, 4],
      gate: [4, 3],
      up: [4, 3],
      down: [3, 4],
    };
    checkGradients({
      variables: weights,
      data: {
        tokens: { shape: ['batch', 'time'], dtype: 'int64', at: (i) => (i * 3 + 1) % 5 },
        mask: { shape: ['time', 'time'], at: () => 0 },
      },
      sizes: [
        { batch: 2, time: 2 },
        { batch: 1, time: 3 },
      ],
      // Two norms in a row curve the value too much for the usual step.
      step: 2e-6,
      build: ({ tokens, mask, embeddings, norm, query, key, value, output, gate, up, down }) => {
        const rows = ['batch*time'];
        const hidden = takeRows(embeddings, reshape(tokens, rows));
        const normal = rmsNorm(hidden, norm, 1e-2);
        const project = (weight: Tensor, width: number) => reshape(gemm(normal, weight), ['batch', 'time', width]);
        const attended = attention(project(query, 8), project(key, 4), project(value, 4), mask, {
          heads: 4,
          keyValueHeads: 2,
          headSize: 2,
        });
        const mixed = add(hidden, gemm(reshape(attended, [...rows, 8]), output));
        const block = add(mixed, gemm(swiglu(gemm(mixed, gate), gemm(mixed, up)), down));
        return tokenLogprobs(gemm(rmsNorm(block, norm, 1e-2), embeddings, { transposeRight: true }), reshape(tokens, rows));
      },
    });
  });

  test('a second derivative is the gradient of a gradient', () => {
    const slope = gradientOf(sum(mul(mul(x, x), x)), x);
    expect(evaluateOne(gradientOf(sum(slope), x), feeds)).toEqual([6, 12, -18]);
  });
});

describe('what may be a variable', () => {
  test('a result on the way', () => {
    const middle = mul(x, x);
    const [atMiddle, atInput] = gradients(sum(mul(middle, middle)), [middle, x]);
    expect(evaluate({ atMiddle: atMiddle!, atInput: atInput! }, feeds)).toEqual({ atMiddle: [2, 8, 18], atInput: [4, 32, -108] });
  });

  test('the result of an operation without a gradient', () => {
    const picked = argMax(reshape(x, [1, 3]));
    const chosen = cast(picked, 'float64');
    expect(evaluateOne(gradientOf(sum(mul(chosen, chosen)), chosen), feeds)).toEqual([2]);
    const stopped = stopGradient(x);
    expect(evaluateOne(gradientOf(sum(mul(stopped, x)), stopped), feeds)).toEqual([1, 2, -3]);
  });

  test('the scalar itself, and the same tensor twice', () => {
    const total = sum(x);
    expect(evaluateOne(gradientOf(total, total))).toEqual([1]);
    const [first, second] = gradients(total, [x, x]);
    expect(first).toBe(second);
  });

  test('what the scalar does not depend on has zeros', () => {
    const apart = input('apart', 'float64', [2, 2]);
    expect(evaluateOne(gradientOf(sum(x), apart), { ...feeds, apart: { shape: [2, 2], values: [1, 2, 3, 4] } })).toEqual([0, 0, 0, 0]);
  });
});

describe('what is refused', () => {
  test('a tensor that is no scalar', () => {
    expect(() => gradients(x, [x])).toThrow('gradients: needs a scalar, got a tensor of shape [3]; sum() it.');
  });

  test('an operation without a gradient on the way, but not beside it', () => {
    const places = argMax(reshape(x, [1, 3]));
    expect(() => gradients(sum(mul(cast(places, 'float64'), x)), [x])).toThrow(
      "gradients: 'argMax' is not differentiable; wrap its result in stopGradient().",
    );
    expect(() => gradients(sum(mul(cast(stopGradient(places), 'float64'), x)), [x])).not.toThrow();
    const other = input('other', 'float64', [1]);
    expect(() => gradients(sum(mul(cast(places, 'float64'), other)), [other])).not.toThrow();
  });
});

describe('accumulate equals accumulator + gradient', () => {
  const table = input('table', 'float64', [4, 2]);
  const accumulator = input('accumulator', 'float64', [4, 2]);
  const rows = input('rows', 'int64', [3]);
  const arrays = {
    table: { shape: [4, 2], values: [1, 2, 3, 4, 5, 6, 7, 8] },
    accumulator: { shape: [4, 2], values: [10, 20, 30, 40, 50, 60, 70, 80] },
    rows: { shape: [3], values: [3, 1, 3] },
  };
  const lookup = takeRows(table, rows);
  const squared = (y: Tensor): Tensor => sum(mul(y, y));
  const ones = input('ones', 'float64', [4]);
  /** `extra`: operations that accumulating adds; -1 where the zeros under the rows are not needed any more. */
  const cases: Record<string, { scalar: Tensor; extra: number }> = {
    'a product of matrices takes it as its addend': { scalar: squared(gemm(table, input('right', 'float64', [2, 2]))), extra: 0 },
    'tied embeddings: rows are added onto such a product': {
      scalar: squared(gemm(lookup, table, { transposeRight: true, addend: neg(ones) })),
      extra: 0,
    },
    'a lookup of rows adds onto it': { scalar: squared(lookup), extra: -1 },
    'two lookups': { scalar: add(squared(lookup), sum(mul(takeRows(table, rows), 3))), extra: -1 },
    'anything else is added': { scalar: sum(mul(table, exp(table))), extra: 1 },
  };

  test.each(Object.entries(cases))('%s', (_, { scalar, extra }) => {
    const gradient = gradientOf(scalar, table);
    const accumulated = accumulate(accumulator, gradient);
    const given = { ...arrays, ones: { shape: [4], values: [1, 1, 1, 1] }, right: { shape: [2, 2], values: [1, -1, 2, 0.5] } };
    const found = evaluate({ accumulated, gradient }, given);
    expectClose(
      found.accumulated,
      found.gradient?.map((value, i) => value + arrays.accumulator.values[i]!),
      1e-12,
    );
    expect(operationCount(accumulated) - operationCount(gradient)).toBe(extra);
  });
});
