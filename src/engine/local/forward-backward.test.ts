import { describe, expect, test } from 'vitest';
import { R5Error } from '../../error.ts';
import { tinyConfig } from '../../model/tiny-model.fixture.ts';
import { exp, mul, neg, sum } from '../../tensor/index.ts';
import type { Datum } from '../engine.ts';
import type { LossFunction } from '../loss.ts';
import { largestDifference, openTinyEngine, openTinyParts, randomData, weightedLogprob, type TinyParts } from './tiny-engine.fixture.ts';

const config = tinyConfig('llama');
const lengths = [30, 2, 9, 17, 64, 5, 5, 41, 8, 2, 23];
const batch = randomData(lengths, config.vocabularySize, 8);

/** All accumulated gradients, one after the other. */
const gradientOf = ({ parameters }: TinyParts): number[] => parameters.trained.flatMap(({ training }) => [...training.gradient.data]);

async function gradientAfter(calls: readonly (readonly Datum[])[], microBatchTokens: number): Promise<number[]> {
  const parts = openTinyParts(config, { microBatchTokens });
  for (const data of calls) await parts.sequences.forwardBackward(data, weightedLogprob, 1);
  return gradientOf(parts);
}

describe('the gradient does not depend on how a batch is cut', () => {
  test.each<[string, readonly (readonly Datum[])[], number]>([
    ['into small rectangles', [batch], 64],
    ['into single sequences', [batch], 1],
    ['into two calls', [batch.slice(0, 4), batch.slice(4)], 4096],
    ['into calls of one', batch.map((datum) => [datum]), 256],
    ['in another order', [batch.toReversed()], 128],
  ])('%s', async (_, calls, microBatchTokens) => {
    const whole = await gradientAfter([batch], 4096);
    const largest = Math.max(...whole.map(Math.abs));
    expect(largest).toBeGreaterThan(1);
    expect(largestDifference(await gradientAfter(calls, microBatchTokens), whole)).toBeLessThan(1e-5 * largest);
  });

  test('nor do loss, metrics and log-probabilities, which come in the order of the data', async () => {
    const results = await Promise.all([1, 64, 4096].map(async (microBatchTokens) => {
      const { sequences } = openTinyParts(config, { microBatchTokens });
      return sequences.forwardBackward(batch, withMetrics, 1);
    }));
    const [first] = results;
    for (const { loss, metrics, logprobs } of results) {
      expect(loss).toBeCloseTo(first?.loss ?? NaN, 2);
      expect(metrics['tokens']).toBe(lengths.reduce((total, length) => total + length - 1, 0));
      expect(metrics['probability']).toBeCloseTo(first?.metrics['probability'] ?? NaN, 4);
      logprobs.forEach((row, i) => expect(largestDifference(row, first?.logprobs[i] ?? [])).toBeLessThan(2e-5));
    }
    const expected = batch.reduce((total, { inputs }, i) => total - dot(first?.logprobs[i] ?? [], inputs['weights'] ?? []), 0);
    expect(first?.loss).toBeCloseTo(expected, 2);
  });
});

const withMetrics: LossFunction = {
  name: 'with metrics',
  inputs: ['weights'],
  build: (inputs) => ({
    ...weightedLogprob.build(inputs),
    metrics: { tokens: sum(inputs.mask), probability: sum(mul(exp(inputs.logprobs), inputs.mask)) },
  }),
};

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((total, x, i) => total + x * (b[i] ?? NaN), 0);
}

describe('padding', () => {
  const plain: LossFunction = { name: 'plain', inputs: [], build: ({ logprobs, mask }) => ({ loss: neg(sum(mul(logprobs, mask))) }) };

  test('adds nothing to loss and gradient', async () => {
    // Entries 3 to 7 of the rectangle are padding: a sequence whose tokens go on there, without weight, must do the same.
    const [long] = randomData([9], config.vocabularySize, 4);
    const tokens = long?.tokens ?? [];
    const short = { tokens: tokens.slice(0, 4), inputs: {} };
    const padded = openTinyParts(config);
    const { loss } = await padded.sequences.forwardBackward([short], plain, 1);
    const weighted = openTinyParts(config);
    const weights = Float32Array.from({ length: 8 }, (_, i) => (i < 3 ? 1 : 0));
    const full = await weighted.sequences.forwardBackward([{ tokens, inputs: { weights } }], weightedLogprob, 1);
    expect(loss).toBeCloseTo(full.loss, 4);
    expect(largestDifference(gradientOf(padded), gradientOf(weighted))).toBeLessThan(1e-4);
  });

  test('reaches no row of the embedding', async () => {
    const parts = openTinyParts(config);
    // Padding is token 0, which no sequence here has; every row gets a gradient through the output projection, which is another matrix.
    const data = [[5, 6, 7], [8, 9, 10, 11, 12, 13]].map((tokens) => ({ tokens, inputs: {} }));
    await parts.sequences.forwardBackward(data, plain, 1);
    const gradient = parts.parameters.get('model.embed_tokens.weight').training?.gradient.data ?? new Float32Array();
    const rows = Array.from({ length: config.vocabularySize }, (_, row) => gradient.subarray(row * config.hiddenSize, (row + 1) * config.hiddenSize));
    expect(rows.flatMap((row, token) => (row.some((x) => x !== 0) ? [token] : []))).toEqual([5, 6, 8, 9, 10, 11, 12]);
  });
});

describe('losses', () => {
  const scaled = (factor: number, name = 'scaled'): LossFunction => ({
    name,
    inputs: [],
    build: ({ logprobs, mask }) => ({ loss: mul(neg(sum(mul(logprobs, mask))), factor) }),
  });

  test('of one name but another function are told apart', async () => {
    const parts = openTinyParts(config);
    const [once, twice] = [scaled(1), scaled(2)];
    const losses: number[] = [];
    for (const loss of [once, twice, once, scaled(3)]) losses.push((await parts.sequences.forwardBackward(batch, loss, 1)).loss);
    const [first = NaN] = losses;
    losses.forEach((loss, i) => expect(loss / first).toBeCloseTo([1, 2, 1, 3][i] ?? NaN, 4));
    const all = gradientOf(parts);
    const plain = openTinyParts(config);
    await plain.sequences.forwardBackward(batch, scaled(7), 1);
    expect(largestDifference(all, gradientOf(plain))).toBeLessThan(1e-4 * Math.max(...all.map(Math.abs)));
  });

  test('get the arrays that they name, by name', async () => {
    const { sequences } = openTinyParts(config);
    const loss: LossFunction = {
      name: 'two arrays',
      inputs: ['first', 'second'],
      build: ({ logprobs, input }) => ({
        loss: sum(mul(logprobs, input('first'))),
        metrics: { first: sum(input('first')), product: sum(mul(input('first'), input('second'))) },
      }),
    };
    const data = [{ tokens: [1, 2, 3], inputs: { first: Float32Array.of(1, 2), second: Float32Array.of(10, 100), unused: Float32Array.of(5) } }];
    expect((await sequences.forwardBackward(data, loss, 1)).metrics).toEqual({ first: 3, product: 210 });
  });

  test('that do not depend on the model have no gradient', async () => {
    const engine = await openTinyEngine();
    const loss: LossFunction = { name: 'stuck', inputs: [], build: ({ mask }) => ({ loss: sum(mask) }) };
    expect((await engine.forwardBackward([{ tokens: [1, 2, 3], inputs: {} }], loss)).loss).toBe(2);
    expect((await engine.optimStep({ learningRate: 0.1 })).gradientNorm).toBe(0);
  });

  test('that read an array which they do not name are refused by both names', async () => {
    const engine = await openTinyEngine();
    const loss: LossFunction = { name: 'sneaky', inputs: [], build: ({ logprobs, input }) => ({ loss: sum(mul(logprobs, input('weights'))) }) };
    await expect(engine.forwardBackward(randomData([4], 300), loss)).rejects.toThrow(R5Error);
    await expect(engine.forwardBackward(randomData([4], 300), loss)).rejects.toThrow(/sneaky.*weights/);
  });
});

describe('bad data', () => {
  const good = randomData([64, 40, 9], config.vocabularySize);

  test.each<[string, Datum, RegExp]>([
    ['lacks an array', { tokens: [1, 2, 3], inputs: { advantages: new Float32Array(2) } }, /Datum 3 has no array 'weights', which the loss reads; it has: advantages/],
    ['has no array at all', { tokens: [1, 2, 3], inputs: {} }, /Datum 3 has no array 'weights'.*none/],
    ['has an array that is not pre-shifted', { tokens: [1, 2, 3], inputs: { weights: new Float32Array(3) } }, /Array 'weights' of datum 3 has 3 entries; a sequence of 3 tokens needs 2/],
    ['has one token', { tokens: [1], inputs: { weights: new Float32Array(0) } }, /Datum 3 has 1 tokens/],
    ['is longer than the context', { tokens: Array.from({ length: 65 }, () => 1), inputs: {} }, /Datum 3 has 65 tokens/],
    ['has a token that the model does not know', { tokens: [1, 37], inputs: { weights: new Float32Array(1) } }, /Datum 3 has the token 37, and the model knows 0 to 36/],
    ['has a negative token', { tokens: [-1, 3], inputs: { weights: new Float32Array(1) } }, /Datum 3 has the token -1/],
    ['has a token that is no whole number', { tokens: [1.5, 3], inputs: { weights: new Float32Array(1) } }, /Datum 3 has the token 1.5/],
  ])('that %s is named, and nothing has accumulated', async (_, datum, message) => {
    const parts = openTinyParts(config, { microBatchTokens: 64 });
    await expect(parts.sequences.forwardBackward([...good, datum], weightedLogprob, 1)).rejects.toThrow(R5Error);
    await expect(parts.sequences.forwardBackward([...good, datum], weightedLogprob, 1)).rejects.toThrow(message);
    expect(gradientOf(parts).every((x) => x === 0)).toBe(true);
  });

  test.each([0, -1, NaN, Infinity])('a temperature of %d is refused', async (temperature) => {
    const engine = await openTinyEngine();
    await expect(engine.forward(good, { temperature })).rejects.toThrow(/[Tt]emperature is/);
    await expect(engine.forwardBackward(good, weightedLogprob, { temperature })).rejects.toThrow(R5Error);
  });

  test('an empty batch adds nothing', async () => {
    const engine = await openTinyEngine();
    expect(await engine.forwardBackward([], withMetrics)).toMatchObject({ loss: 0, logprobs: [] });
    expect(await engine.forward([])).toEqual([]);
  });
});

describe('forward with reference', () => {
  test('stays at the starting weights while the model moves', async () => {
    const engine = await openTinyEngine({ reference: true });
    const data = randomData([12, 7], 300);
    const [start = new Float32Array()] = await engine.forward(data);
    expect((await engine.forward(data, { reference: true }))[0]).toEqual(start);
    await engine.forwardBackward(data, weightedLogprob);
    await engine.optimStep({ learningRate: 0.01 });
    expect(largestDifference((await engine.forward(data))[0] ?? [], start)).toBeGreaterThan(0.01);
    expect((await engine.forward(data, { reference: true }))[0]).toEqual(start);
  });

  test('is refused by an engine that keeps none', async () => {
    const engine = await openTinyEngine();
    await expect(engine.forward(randomData([5], 300), { reference: true })).rejects.toThrow(/reference: true/);
  });
});
