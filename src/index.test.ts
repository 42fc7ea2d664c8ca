import { expect, test } from 'vitest';
import { openTinyEngine, writeTinyModel, testFolder } from './engine/local/tiny-engine.fixture.ts';
import * as r5 from './index.ts';

test('a loss of one’s own, written with the exported tensors, trains through the exported loop’s primitives', async () => {
  const engine: r5.Engine = await openTinyEngine();
  const { mul, neg, sum } = r5.tensor;
  const loss: r5.LossFunction = {
    name: 'twice the cross entropy',
    inputs: ['weights'],
    build: ({ logprobs, input }) => ({ loss: neg(sum(mul(mul(logprobs, input('weights')), 2))) }),
  };
  const batch = [r5.sftDatum({ prompt: [1, 2], completion: [3, 4] }, 1)];
  const once = await engine.forwardBackward(batch, r5.crossEntropy);
  const twice = await engine.forwardBackward(batch, loss);
  expect(twice.loss / once.loss).toBeCloseTo(2, 5);
  await engine.optimStep({ learningRate: 1e-2 });
  expect((await engine.forwardBackward(batch, r5.crossEntropy)).loss).toBeLessThan(once.loss);
});

test('trains a task and evaluates the result, as the command line does', async () => {
  const folder = testFolder();
  await writeTinyModel(folder, { change: { vocab_size: 272 } });
  const task = r5.defineTask({
    name: 'vowels',
    description: 'Write vowels.',
    train: () => [1, 2, 3, 4],
    test: () => [5, 6],
    prompt: (row) => `number ${row}`,
    maxTokens: 4,
    score: (_, { text }) => ({ reward: (text.match(/[aeiou]/g) ?? []).length, verdict: 'wrong' }),
  });
  const engine = await r5.LocalEngine.open(folder, { threads: 1 });
  try {
    const { tokenizer, contextLength } = engine;
    if (!tokenizer) throw new Error('no tokenizer');
    const binding = { tokenizer, contextLength, maxTokens: task.maxTokens };
    const steps: r5.GrpoStep[] = [];
    const settings = { ...r5.grpoDefaults, prompts: 4, groupSize: 8, sampling: { maxTokens: 4, temperature: 1 }, truncated: 'keep' as const };
    const schedule = { ...settings.schedule, totalSteps: 2 };
    await r5.trainGrpo(engine, await r5.bindTask(task, 'train', binding), { ...settings, schedule }, { onStep: (step) => void steps.push(step) });
    expect(steps.map(({ step }) => step)).toEqual([1, 2]);
    const evaluation = await r5.evaluate(engine, await r5.bindTask(task, 'test', binding), { samples: 2, sampling: { maxTokens: 4 } });
    expect(evaluation).toMatchObject({ n: 2, samples: 2, accuracy: 0 });
  } finally {
    await engine.release();
  }
});

test('settings that do not fit are refused by name, a learning rate of NaN among them', () => {
  expect(() => r5.parseTrainSettings({ task: 'countdown', learningRate: NaN })).toThrow(r5.R5Error);
  expect(() => r5.parseTrainSettings({ task: 'countdown', learningRate: NaN, steps: 0 })).toThrow(/learningRate: .*; steps|steps: .*; learningRate/);
  expect(() => r5.parseSftSettings({ data: 'a.jsonl', epoch: 2 })).toThrow(/epoch/);
});
