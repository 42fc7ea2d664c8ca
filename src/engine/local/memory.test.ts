import { describe, expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { tinyConfig } from '../../model/tiny-model.fixture.ts';
import { LocalEngine } from './local-engine.ts';
import { openTinyEngine, randomData, randomTokens, weightedLogprob } from './tiny-engine.fixture.ts';

const megabytes = (): number => process.memoryUsage.rss() / 2 ** 20;

describe('memory stays flat', () => {
  test('over 300 rounds of sampling and training on batches of many shapes', { timeout: 300_000 }, async () => {
    const engine = await openTinyEngine();
    const random = new Random(1);
    let settled = 0;
    for (let round = 0; round < 300; round++) {
      if (round === 100) settled = megabytes();
      const requests = Array.from({ length: random.integer(1, 4) }, () => ({ prompt: randomTokens(random.integer(1, 40), 300, random), count: 2 }));
      await engine.sample(requests, { maxTokens: random.integer(1, 5) });
      await Promise.all(requests.map(({ prompt }) => engine.generate({ prompt, params: { maxTokens: random.integer(1, 5) } })));
      await engine.forwardBackward(randomData(Array.from({ length: random.integer(1, 9) }, () => random.integer(2, 64)), 300, round), weightedLogprob);
      await engine.optimStep({ learningRate: 1e-3 });
    }
    expect(megabytes() - settled).toBeLessThan(48);
  });

  test('over 30 engines that are opened, used and released', { timeout: 300_000 }, async () => {
    // 8 MB of weights, gradients and moments each, so that one that is not given back shows.
    const config = tinyConfig('llama', { hidden_size: 96, head_dim: 16, intermediate_size: 256, vocab_size: 2000 });
    let settled = 0;
    for (let round = 0; round < 30; round++) {
      if (round === 10) settled = megabytes();
      const engine = LocalEngine.create(config, { threads: 1, reference: true });
      await engine.sample([{ prompt: [1, 2, 3] }], { maxTokens: 2 });
      await engine.forwardBackward(randomData([20], 300), weightedLogprob);
      await engine.optimStep({ learningRate: 1e-3 });
      await engine.release();
    }
    expect(megabytes() - settled).toBeLessThan(80);
  });
});

test('a released engine says so', async () => {
  const engine = LocalEngine.create(tinyConfig('llama', { head_dim: 8 }), { threads: 1 });
  await engine.release();
  await engine.release();
  await expect(engine.sample([{ prompt: [1] }], { maxTokens: 2 })).rejects.toThrow(/released/);
  await expect(engine.forward(randomData([4], 37))).rejects.toThrow(/released/);
  await expect(engine.optimStep({ learningRate: 1 })).rejects.toThrow(/released/);
});
