import { describe, expect, onTestFinished, test } from 'vitest';
import { LocalEngine } from './local-engine.ts';
import { largestDifference, openTinyEngine, randomData, testFolder, weightedLogprob } from './tiny-engine.fixture.ts';

const lora = { rank: 3, alpha: 6 };
const data = randomData([30, 12, 5], 300);

async function train(engine: LocalEngine, steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) {
    await engine.forwardBackward(data, weightedLogprob);
    await engine.optimStep({ learningRate: 0.02 });
  }
}

describe.each(['llama', 'qwen2', 'qwen3'] as const)('adapters on %s', (family) => {
  test('leave the model as it is at the start', async () => {
    const [base, adapted] = [await openTinyEngine({ family }), await openTinyEngine({ family, lora })];
    const [expected, found] = [await base.forward(data), await adapted.forward(data)];
    expected.forEach((row, i) => expect(largestDifference(row, found[i] ?? [])).toBeLessThan(1e-6));
    expect(adapted.parameterCount).toBe(base.parameterCount);
  });

  test('alone change, each of them, and the model with them', async () => {
    const engine = await openTinyEngine({ family, lora, reference: true });
    const [start = []] = await engine.forward(data);
    expect(engine.parameterChanges().every(({ largest }) => largest === 0)).toBe(true);
    // After the first step A has not moved yet, because B was zero.
    await train(engine, 2);
    for (const { name, trained, largest } of engine.parameterChanges()) {
      expect(trained, name).toBe(name.includes('.lora_'));
      if (trained) expect(largest, name).toBeGreaterThan(1e-4);
      else expect(largest, name).toBe(0);
    }
    expect(largestDifference((await engine.forward(data))[0] ?? [], start)).toBeGreaterThan(0.01);
    expect((await engine.forward(data, { reference: true }))[0]).toEqual(start);
  });

  test('merge into the weights of an exported model that answers the same', async () => {
    const engine = await openTinyEngine({ family, lora });
    await train(engine, 3);
    const directory = testFolder();
    await engine.exportModel(directory);
    const merged = await LocalEngine.open(directory, { threads: 1 });
    onTestFinished(() => merged.release());
    const [ours, theirs] = [await engine.forward(data), await merged.forward(data)];
    ours.forEach((row, i) => expect(largestDifference(row, theirs[i] ?? [])).toBeLessThan(2e-5));
    const greedy = { maxTokens: 16, temperature: 0 };
    expect((await merged.sample([{ prompt: [4, 5] }], greedy))[0]?.[0]?.tokens).toEqual((await engine.sample([{ prompt: [4, 5] }], greedy))[0]?.[0]?.tokens);
  });
});

describe('adapters', () => {
  test('start the same for the same seed, and differ for another', async () => {
    const logprobs = [];
    for (const seed of [1, 1, 2]) {
      const engine = await openTinyEngine({ lora, seed });
      await train(engine, 2);
      logprobs.push((await engine.forward(data))[0]);
    }
    expect(logprobs[0]).toEqual(logprobs[1]);
    expect(logprobs[0]).not.toEqual(logprobs[2]);
  });

  test('without them every parameter is trained and moves', async () => {
    const engine = await openTinyEngine({ family: 'qwen3' });
    await train(engine, 1);
    for (const { name, trained, largest } of engine.parameterChanges()) {
      expect(trained, name).toBe(true);
      expect(largest, name).toBeGreaterThan(1e-4);
    }
  });
});
