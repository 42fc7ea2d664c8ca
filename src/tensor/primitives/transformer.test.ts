import { describe, expect, test } from 'vitest';
import { gradients, input, reshape, sum, type Dim, type Tensor } from '../index.ts';
import { expectClose, gradientCase, testGradients } from '../finite-difference.fixture.ts';
import { evaluateOne } from '../run-graph.fixture.ts';
import { attend, rotate } from './transformer.fixture.ts';
import * as transformer from './transformer.ts';

const { attention, rmsNorm, rope } = transformer;

const EPSILON = 1e-2;
const angle = (i: number): number => 0.3 + i * 0.7;
/** Cosines and sines for 4 positions of heads of size 4. */
const tables = {
  cosine: { shape: [4, 2], at: (i: number) => Math.cos(angle(i)) },
  sine: { shape: [4, 2], at: (i: number) => Math.sin(angle(i)) },
};

/** Causal attention with its mask as data; `keyValueHeads` of 2 columns each serve `heads`. */
function attentionCase(heads: number, keyValueHeads: number, [batch, time]: readonly [Dim, Dim], sizes: readonly Record<string, number>[]) {
  const shape = (count: number) => [batch, time, count * 2];
  return gradientCase({
    variables: { query: shape(heads), key: shape(keyValueHeads), value: shape(keyValueHeads), mask: [time, time] },
    sizes,
    build: ({ query, key, value, mask }) => attention(query, key, value, mask, { heads, keyValueHeads, headSize: 2 }),
  });
}

const normOf = ({ x, weight }: { x: Tensor; weight: Tensor }) => rmsNorm(x, weight, EPSILON);

testGradients(
  transformer,
  {
    rmsNorm: {
      'rows': gradientCase({ variables: { x: [3, 4], weight: [4] }, build: normOf }),
      'three axes': gradientCase({ variables: { x: [2, 2, 3], weight: [3] }, build: normOf }),
      'symbolic rows': gradientCase({ variables: { x: ['rows', 3], weight: [3] }, sizes: [{ rows: 2 }, { rows: 3 }], build: normOf }),
      'heads of symbolic rows': gradientCase({
        variables: { x: ['batch*time', 4], weight: [2] },
        sizes: [
          { batch: 2, time: 1 },
          { batch: 2, time: 2 },
        ],
        build: ({ x, weight }) => rmsNorm(reshape(x, ['batch*time', 2, 2]), weight, EPSILON),
      }),
    },
    rope: {
      'two heads': gradientCase({
        variables: { x: [3, 8] },
        data: { positions: { shape: [3], dtype: 'int64', at: (i) => [3, 0, 2][i] ?? 0 }, ...tables },
        float32Only: true,
        build: ({ x, positions, cosine, sine }) => rope(x, positions, cosine, sine),
      }),
      'symbolic rows, turned twice': gradientCase({
        variables: { x: ['rows', 4] },
        data: { positions: { shape: ['rows'], dtype: 'int64', at: (i) => i % 4 }, ...tables },
        sizes: [{ rows: 2 }, { rows: 6 }],
        float32Only: true,
        build: ({ x, positions, cosine, sine }) => rope(rope(x, positions, cosine, sine), positions, cosine, sine),
      }),
    },
    attention: {
      'one head': attentionCase(1, 1, [2, 3], [{}]),
      'a head each': attentionCase(2, 2, [2, 3], [{}]),
      'heads in groups': attentionCase(4, 2, [2, 3], [{}]),
      'all heads share one': attentionCase(3, 1, [1, 3], [{}]),
      'symbolic sizes': attentionCase(
        4,
        2,
        ['batch', 'time'],
        [
          { batch: 2, time: 3 },
          { batch: 1, time: 2 },
        ],
      ),
    },
  },
  ['cachedAttention'],
);

describe('values', () => {
  const random = (count: number, seed: number): number[] => Array.from({ length: count }, (_, i) => Math.sin(seed + i * 1.7) * 2);

  test.each(['float32', 'float64'] as const)('rmsNorm divides by the root of the mean square, %s', (dtype) => {
    const [rows, width, weight] = [3, 4, [0.5, -1, 2, 3]];
    const x = random(rows * width, 1);
    const expected = x.map((value, i) => {
      const row = x.slice(Math.floor(i / width) * width, (Math.floor(i / width) + 1) * width);
      return (value / Math.sqrt(row.reduce((total, v) => total + v * v, 0) / width + EPSILON)) * weight[i % width]!;
    });
    const result = rmsNorm(input('x', dtype, [rows, width]), input('weight', dtype, [width]), EPSILON);
    expectClose(
      evaluateOne(result, { x: { shape: [rows, width], values: x }, weight: { shape: [width], values: weight } }),
      expected,
      1e-6,
    );
  });

  test('rope turns the pairs (i, i + headSize / 2) of every head by the angle of the position', () => {
    const [rows, heads, headSize, positions] = [3, 2, 4, [3, 0, 2]];
    const x = random(rows * heads * headSize, 2);
    const expected = positions.flatMap((position, row) =>
      [0, 1].flatMap((head) => {
        const start = (row * heads + head) * headSize;
        return rotate(x.slice(start, start + headSize), [angle(position * 2), angle(position * 2 + 1)]);
      }),
    );
    const result = rope(
      input('x', 'float32', [rows, 8]),
      input('positions', 'int64', [rows]),
      input('cosine', 'float32', [4, 2]),
      input('sine', 'float32', [4, 2]),
    );
    const table = (of: (i: number) => number) => ({ shape: [4, 2], values: Array.from({ length: 8 }, (_, i) => of(i)) });
    const feeds = {
      x: { shape: [rows, 8], values: x },
      positions: { shape: [rows], values: positions },
      cosine: table(tables.cosine.at),
      sine: table(tables.sine.at),
    };
    expectClose(evaluateOne(result, feeds), expected, 1e-6);
  });

  test('rope takes more rows than the tables have positions', () => {
    const result = rope(
      input('x', 'float32', [5, 2]),
      input('positions', 'int64', [5]),
      input('cosine', 'float32', [1, 1]),
      input('sine', 'float32', [1, 1]),
    );
    const scalar = (value: number) => ({ shape: [1, 1], values: [value] });
    const feeds = {
      x: { shape: [5, 2], values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
      positions: { shape: [5], values: [0, 0, 0, 0, 0] },
      cosine: scalar(0),
      sine: scalar(1),
    };
    expectClose(evaluateOne(result, feeds), [-2, 1, -4, 3, -6, 5, -8, 7, -10, 9], 1e-6);
  });

  test.each([
    [1, 1],
    [2, 2],
    [4, 2],
    [6, 2],
    [3, 1],
  ])('attention of %i heads over %i, causal', (heads, keyValueHeads) => {
    const [batch, time, headSize] = [2, 3, 2];
    const array = (count: number, seed: number) => ({
      shape: [batch, time, count * headSize],
      values: random(batch * time * count * headSize, seed),
    });
    const arrays = { query: array(heads, 3), key: array(keyValueHeads, 4), value: array(keyValueHeads, 5) };
    const mask = {
      shape: [time, time],
      values: Array.from({ length: time * time }, (_, i) => (i % time > Math.floor(i / time) ? -1e30 : 0)),
    };
    const tensor = (name: 'query' | 'key' | 'value') => input(name, 'float32', arrays[name].shape);
    const result = attention(tensor('query'), tensor('key'), tensor('value'), input('mask', 'float32', mask.shape), {
      heads,
      keyValueHeads,
      headSize,
    });
    const rowsOf = ({ values, shape }: { values: number[]; shape: number[] }, row: number): number[][] =>
      Array.from({ length: time }, (_, t) => values.slice((row * time + t) * shape[2]!, (row * time + t + 1) * shape[2]!));
    const expected = [0, 1].flatMap((row) =>
      rowsOf(arrays.query, row).flatMap((query, t) =>
        attend(query, rowsOf(arrays.key, row).slice(0, t + 1), rowsOf(arrays.value, row).slice(0, t + 1), {
          heads,
          keyValueHeads,
          headSize,
        }),
      ),
    );
    expectClose(evaluateOne(result, { ...arrays, mask }), expected, 1e-6);
  });
});

describe('what does not fit', () => {
  const of = (...shape: Dim[]) => input('x', 'float32', shape);

  test('rmsNorm', () => {
    expect(() => rmsNorm(of(2, 3), of(4), EPSILON)).toThrow('rmsNorm: a weight of shape [4] does not fit an input of shape [2, 3].');
    expect(() => rmsNorm(of(2, 'width'), of('width'), EPSILON)).toThrow('rmsNorm: dimension -1 of [2, width] must be a number.');
  });

  test('rope', () => {
    expect(() => rope(of(3, 6), of(3), of(4, 2), of(4, 2))).toThrow('rope: [3, 6] is not a whole number of heads of size 4.');
    expect(() => rope(of(3, 2, 4), of(3), of(4, 2), of(4, 2))).toThrow('rope: needs 2 dimensions, got shape [3, 2, 4].');
  });

  test('attention names the shapes and the heads', () => {
    const sizes = { heads: 4, keyValueHeads: 2, headSize: 2 };
    const wrongKey = () => attention(of(2, 3, 8), of(2, 3, 8), of(2, 3, 4), of(3, 3), sizes);
    expect(wrongKey).toThrow(
      'attention: query [2, 3, 8], key [2, 3, 8] and value [2, 3, 4] do not fit 4 heads and 2 key-value heads of size 2.',
    );
    expect(() => attention(of(6, 8), of(6, 4), of(6, 4), of(3, 3), sizes)).toThrow(
      'attention: query [6, 8], key [6, 4] and value [6, 4] do not fit',
    );
    expect(() => attention(of(2, 3, 8), of(2, 3, 4), of(2, 3, 4), of(3, 4), sizes)).toThrow(
      /^attention: query .* and mask \[3, 4\] do not fit\.$/,
    );
    const uneven = { heads: 3, keyValueHeads: 2, headSize: 2 };
    expect(() => attention(of(2, 3, 6), of(2, 3, 4), of(2, 3, 4), of(3, 3), uneven)).toThrow(
      'attention: 3 heads cannot share 2 key-value heads evenly.',
    );
  });

  test('no gradient flows to the tables of rope', () => {
    const cosine = input('cosine', 'float32', [4, 2]);
    const turned = rope(of(3, 4), input('positions', 'int64', [3]), cosine, input('sine', 'float32', [4, 2]));
    expect(gradients(sum(turned), [cosine])[0]?.node.primitive.name).toBe('zerosLike');
  });
});
