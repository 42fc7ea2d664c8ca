import { describe, expect, test } from 'vitest';
import { cachedAttention, gradients, input, sum } from '../index.ts';
import { expectClose } from '../finite-difference.fixture.ts';
import { Program, type NumberArray } from '../run-graph.fixture.ts';
import { attend, type HeadSizes } from './transformer.fixture.ts';

const CAPACITY = 6;

function graphOf({ heads, keyValueHeads, headSize }: HeadSizes) {
  const fresh = (name: string, count: number) => input(name, 'float32', ['row', 'fresh', count * headSize]);
  const cache = (name: string) => input(name, 'float32', ['row', keyValueHeads, 'capacity', headSize]);
  const inputs = {
    query: fresh('query', heads),
    key: fresh('key', keyValueHeads),
    value: fresh('value', keyValueHeads),
    keyCache: cache('keyCache'),
    valueCache: cache('valueCache'),
    last: input('last', 'int32', ['row']),
    longest: input('longest', 'int32', [1]),
  };
  return { inputs, result: cachedAttention(inputs, { heads, keyValueHeads }) };
}

/** One run over rows of new tokens: queries[row][token], and where each row's newest token stands. */
interface Step {
  queries: number[][][];
  keys: number[][][];
  values: number[][][];
  last: number[];
}

/** Runs steps one after the other on the caches that the one before left. */
function runner(sizes: HeadSizes, rows: number) {
  const { result } = graphOf(sizes);
  const program = new Program({ 'output': result.output, 'keyCache+': result.keyCache, 'valueCache+': result.valueCache });
  const shape = [rows, sizes.keyValueHeads, CAPACITY, sizes.headSize];
  let [keyCache, valueCache] = [zeros(shape), zeros(shape)];
  return ({ queries, keys, values, last }: Step): number[] => {
    const given = { query: arrayOf(queries), key: arrayOf(keys), value: arrayOf(values), keyCache, valueCache };
    const results = program.run({
      ...given,
      last: { shape: [rows], values: last },
      longest: { shape: [1], values: [Math.max(...last) + 1] },
    });
    keyCache = { shape, values: results['keyCache+'] ?? [] };
    valueCache = { shape, values: results['valueCache+'] ?? [] };
    return results.output ?? [];
  };
}

const zeros = (shape: number[]): NumberArray => ({ shape, values: new Array<number>(shape.reduce((a, b) => a * b)).fill(0) });
const arrayOf = (rows: number[][][]): NumberArray => ({ shape: [rows.length, rows[0]!.length, rows[0]![0]!.length], values: rows.flat(2) });

describe.each([
  { heads: 2, keyValueHeads: 2, headSize: 8 },
  { heads: 4, keyValueHeads: 2, headSize: 8 },
])('$heads heads over $keyValueHeads', (sizes) => {
  const width = { query: sizes.heads * sizes.headSize, key: sizes.keyValueHeads * sizes.headSize };
  const vector = (length: number, seed: number): number[] => Array.from({ length }, (_, i) => Math.sin(seed * 12.9 + i * 1.7));
  // Two rows of five tokens.
  const tokens = (kind: number, length: number) =>
    [0, 1].map((row) => [0, 1, 2, 3, 4].map((token) => vector(length, kind + row * 5 + token)));
  const [queries, keys, values] = [tokens(0, width.query), tokens(100, width.key), tokens(200, width.key)];
  /** Attention of a token over its row's tokens up to itself. */
  const full = (row: number, token: number): number[] =>
    attend(queries[row]![token]!, keys[row]!.slice(0, token + 1), values[row]!.slice(0, token + 1), sizes);
  const slice = (from: number, to: number) => ({
    queries: queries.map((row) => row.slice(from, to)),
    keys: keys.map((row) => row.slice(from, to)),
    values: values.map((row) => row.slice(from, to)),
  });

  test('reading three tokens at once, then two by one, equals attention over the whole', () => {
    const run = runner(sizes, 2);
    expectClose(
      run({ ...slice(0, 3), last: [2, 2] }),
      [0, 1].flatMap((row) => [0, 1, 2].flatMap((token) => full(row, token))),
      1e-5,
    );
    for (const token of [3, 4]) {
      expectClose(
        run({ ...slice(token, token + 1), last: [token, token] }),
        [0, 1].flatMap((row) => full(row, token)),
        1e-5,
      );
    }
  });

  test('rows of different lengths go on at their own positions', () => {
    const run = runner(sizes, 2);
    // Row 1 has two tokens; its third is padding, which the next token overwrites.
    const output = run({ ...slice(0, 3), last: [2, 1] });
    const row = 3 * width.query;
    expectClose(
      output.slice(0, row),
      [0, 1, 2].flatMap((token) => full(0, token)),
      1e-5,
      'row 0',
    );
    expectClose(
      output.slice(row, row + 2 * width.query),
      [0, 1].flatMap((token) => full(1, token)),
      1e-5,
      'row 1',
    );
    for (const step of [0, 1]) {
      const [first, second] = [3 + step, 2 + step];
      const next = (of: number[][][]) => [[of[0]![first]!], [of[1]![second]!]];
      const found = run({ queries: next(queries), keys: next(keys), values: next(values), last: [first, second] });
      expectClose(found, [...full(0, first), ...full(1, second)], 1e-5, `step ${step}`);
    }
  });
});

test('has no gradient and says so', () => {
  const { inputs, result } = graphOf({ heads: 2, keyValueHeads: 2, headSize: 8 });
  expect(() => gradients(sum(result.output), [inputs.query])).toThrow(
    "'cachedAttention' is not differentiable; wrap its result in stopGradient().",
  );
});
