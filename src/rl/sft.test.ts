import { expect, test } from 'vitest';
import { openTinyEngine } from '../engine/local/tiny-engine.fixture.ts';
import { fineTune, sftDatum, type SftExample, type SftStep } from './sft.ts';

const schedule = { learningRate: 1e-2, kind: 'constant', warmupSteps: 0, totalSteps: 30, finalShare: 0 } as const;
const examples: SftExample[] = Array.from({ length: 8 }, (_, i) => ({ prompt: [10 + i], completion: [50 + i, 60 + i, 0] }));

test('a model learns to write the completions that it is shown', async () => {
  const engine = await openTinyEngine();
  const steps: SftStep[] = [];
  await fineTune(engine, { schedule, nextBatch: () => examples, onStep: (step) => void steps.push(step) });
  expect(steps.at(-1)?.loss).toBeLessThan((steps[0]?.loss ?? 0) / 10);
  const written = await engine.sample(examples.map(({ prompt }) => ({ prompt })), { maxTokens: 3, temperature: 0, stopTokens: [0] });
  expect(written.map(([completion]) => completion?.tokens)).toEqual(examples.map(({ completion }) => completion));
});

test('only completion tokens weigh', () => {
  expect(sftDatum({ prompt: [1, 2, 3], completion: [4, 5] }, 0.5)).toEqual({ tokens: [1, 2, 3, 4, 5], inputs: { weights: new Float32Array([0, 0, 0.5, 0.5]) } });
});

test('an empty data set is refused', async () => {
  await expect(fineTune(await openTinyEngine(), { schedule, nextBatch: () => [] })).rejects.toThrow('data set is empty');
});

test('a token of the completion is learned by its own weight', () => {
  const { tokens, inputs } = sftDatum({ prompt: [1, 2], completion: [3, 4, 5], mask: new Float32Array([0, 0.25, 1]) }, 2);
  expect([tokens, inputs.weights]).toEqual([[1, 2, 3, 4, 5], new Float32Array([0, 0, 0.5, 2])]);
});
