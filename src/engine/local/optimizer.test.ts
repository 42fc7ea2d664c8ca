import { describe, expect, test } from 'vitest';
import { R5Error } from '../../error.ts';
import { Random } from '../../random.ts';
import { tinyConfig } from '../../model/tiny-model.fixture.ts';
import type { OptimParams } from '../engine.ts';
import { Optimizer } from './optimizer.ts';
import { largestDifference, openTinyEngine, openTinyParts, randomData, testFolder, weightedLogprob, type TinyParts } from './tiny-engine.fixture.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const config = tinyConfig('qwen2');

interface Reference {
  name: string;
  matrix: boolean;
  value: number[];
  first: number[];
  second: number[];
}

function referenceOf({ parameters }: TinyParts): Reference[] {
  return parameters.trained.map(({ name, shape, value }) => {
    const zeros = Array.from(value.data, () => 0);
    return { name, matrix: shape.length > 1, value: [...value.data], first: [...zeros], second: [...zeros] };
  });
}

/** Writes a random gradient into the accumulators; the same numbers come back by parameter. */
function drawGradient({ parameters }: TinyParts, random: Random, scale: number): number[][] {
  return parameters.trained.map(({ training }) => {
    training.gradient.data.forEach((_, i) => (training.gradient.data[i] = scale * random.normal()));
    return [...training.gradient.data];
  });
}

/** AdamW as in Loshchilov and Hutter (2019), algorithm 2, in double precision. Gives the norm before clipping. */
function referenceStep(references: Reference[], gradients: readonly number[][], step: number, params: Required<OptimParams>): number {
  const { learningRate, beta1, beta2, epsilon, weightDecay, clipNorm } = params;
  const norm = Math.sqrt(gradients.flat().reduce((total, g) => total + g * g, 0));
  const clip = clipNorm === 0 ? 1 : Math.min(1, clipNorm / (norm + 1e-6));
  references.forEach(({ matrix, value, first, second }, p) => {
    value.forEach((weight, i) => {
      const g = (gradients[p]?.[i] ?? NaN) * clip;
      const m = (first[i] = beta1 * (first[i] ?? NaN) + (1 - beta1) * g);
      const v = (second[i] = beta2 * (second[i] ?? NaN) + (1 - beta2) * g * g);
      const corrected = m / (1 - beta1 ** step) / (Math.sqrt(v / (1 - beta2 ** step)) + epsilon);
      value[i] = weight - (matrix ? learningRate * weightDecay * weight : 0) - learningRate * corrected;
    });
  });
  return norm;
}

const plain: Required<OptimParams> = { learningRate: 0.01, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 };

describe('three steps are those of a written-out AdamW', () => {
  test.each<[string, Partial<OptimParams>, number]>([
    ['with the defaults, the gradient being clipped', {}, 1],
    ['with a gradient below the clip', {}, 1e-3],
    ['without clipping', { clipNorm: 0 }, 1],
    ['with another clip', { clipNorm: 5 }, 1],
    ['with weight decay, on matrices only', { weightDecay: 0.1, learningRate: 0.05 }, 1],
    ['with other betas and a large epsilon', { beta1: 0.5, beta2: 0.999, epsilon: 1e-2 }, 0.1],
    ['without momentum', { beta1: 0, beta2: 0 }, 1],
  ])('%s', async (_, change, scale) => {
    const parts = openTinyParts(config);
    const references = referenceOf(parts);
    const optimizer = new Optimizer(parts.runtime, parts.parameters);
    const random = new Random(4);
    for (let step = 1; step <= 3; step++) {
      const gradients = drawGradient(parts, random, scale);
      const found = await optimizer.step({ learningRate: plain.learningRate, ...change });
      const expected = referenceStep(references, gradients, step, { ...plain, ...change });
      expect(found / expected).toBeCloseTo(1, 5);
      parts.parameters.trained.forEach(({ name, value, training }, i) => {
        const reference = references[i];
        const difference = largestDifference(value.data, reference?.value ?? []);
        expect(difference, `${name} after step ${step}`).toBeLessThan(2e-6);
        expect(largestDifference(training.firstMoment.data, reference?.first ?? [])).toBeLessThan(1e-6 * scale);
        expect(training.gradient.data.every((x) => x === 0), 'the gradient is forgotten').toBe(true);
      });
    }
  });

  test('vectors do not decay', async () => {
    const parts = openTinyParts(config);
    const before = parts.parameters.trained.map(({ value }) => value.data.slice());
    await new Optimizer(parts.runtime, parts.parameters).step({ learningRate: 0.1, weightDecay: 0.5 });
    parts.parameters.trained.forEach(({ name, shape, value }, i) => {
      const factor = shape.length > 1 ? 0.95 : 1;
      expect(largestDifference(value.data, Array.from(before[i] ?? [], (x) => x * factor)), name).toBeLessThan(1e-6);
    });
  });
});

describe('a step that cannot be taken', () => {
  const weightsOf = ({ parameters }: TinyParts) => parameters.all.map(({ value }) => value.data.slice());

  test.each<[Partial<OptimParams>, RegExp]>([
    [{ learningRate: NaN }, /learningRate is NaN/],
    [{ learningRate: -1 }, /learningRate is -1/],
    [{ learningRate: Infinity }, /learningRate is Infinity/],
    [{ beta1: 1 }, /beta1 is 1/],
    [{ beta2: -0.1 }, /beta2 is -0.1/],
    [{ epsilon: 0 }, /epsilon is 0/],
    [{ weightDecay: NaN }, /weightDecay is NaN/],
    [{ clipNorm: -1 }, /clipNorm is -1/],
    [{ clipNorm: NaN }, /clipNorm is NaN/],
  ])('for the settings %o, leaves weights and gradient as they were', async (change, message) => {
    const parts = openTinyParts(config);
    const optimizer = new Optimizer(parts.runtime, parts.parameters);
    const gradients = drawGradient(parts, new Random(1), 1);
    const before = weightsOf(parts);
    await expect(optimizer.step({ learningRate: 0.1, ...change })).rejects.toThrow(R5Error);
    await expect(optimizer.step({ learningRate: 0.1, ...change })).rejects.toThrow(message);
    expect(weightsOf(parts)).toEqual(before);
    expect(optimizer.steps).toBe(0);
    expect(parts.parameters.trained.map(({ training }) => [...training.gradient.data])).toEqual(gradients);
  });

  test.each([NaN, Infinity, -Infinity])('for a gradient with %d in it, leaves weights and moments as they were and forgets the gradient', async (strange) => {
    const parts = openTinyParts(config);
    const optimizer = new Optimizer(parts.runtime, parts.parameters);
    const random = new Random(1);
    drawGradient(parts, random, 1);
    await optimizer.step({ learningRate: 0.1 });
    const state = () => parts.parameters.trained.map(({ value, training }) => [value, training.firstMoment, training.secondMoment].map(({ data }) => data.slice()));
    const before = state();
    drawGradient(parts, random, 1);
    parts.parameters.get('model.norm.weight').training?.gradient.data.fill(strange, 3, 4);
    await expect(optimizer.step({ learningRate: 0.1 })).rejects.toThrow(/The gradient's norm is (NaN|Infinity), so the step was not taken/);
    expect(state()).toEqual(before);
    expect(optimizer.steps).toBe(1);
    // Otherwise no later step could ever be taken.
    expect(parts.parameters.trained.every(({ training }) => training.gradient.data.every((x) => x === 0))).toBe(true);
    drawGradient(parts, random, 1);
    expect(await optimizer.step({ learningRate: 0.1 })).toBeGreaterThan(0);
  });

  test('through an engine: a loss that is not finite changes no bit, and the next step goes on', async () => {
    const engine = await openTinyEngine();
    const [before, after] = [testFolder(), testFolder()];
    await engine.save(before);
    const broken = [{ tokens: [1, 2, 3], inputs: { weights: Float32Array.of(1, NaN) } }];
    expect((await engine.forwardBackward(broken, weightedLogprob)).loss).toBeNaN();
    await expect(engine.optimStep({ learningRate: 0.1 })).rejects.toThrow(R5Error);
    expect(engine.weightsVersion).toBe(0);
    await engine.save(after);
    for (const file of ['model.safetensors', 'training-state.safetensors']) {
      expect(readFileSync(join(after, file)).equals(readFileSync(join(before, file))), file).toBe(true);
    }
    await engine.forwardBackward(randomData([6, 5], 300), weightedLogprob);
    expect(await engine.optimStep({ learningRate: 0.01 })).toMatchObject({ weightsVersion: 1 });
  });
});
