import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LocalEngine } from '../engine/local/local-engine.ts';
import { testFolder } from '../engine/local/tiny-engine.fixture.ts';
import { crossEntropy } from '../rl/losses.ts';
import { openModel } from './open-model.ts';
import { writeTinyChatModel } from './tiny-chat-model.fixture.ts';

test('a model with an adapter answers as the two together', async () => {
  const directory = await writeTinyChatModel();
  const trained = await LocalEngine.open(directory, { lora: { rank: 2, alpha: 512 }, threads: 1, seed: 3 });
  onTestFinished(() => trained.release());
  await trained.forwardBackward([{ tokens: [5, 6, 7, 8], inputs: { weights: Float32Array.of(1, 1, 1) } }], crossEntropy);
  await trained.optimStep({ learningRate: 0.5 });
  const adapter = join(testFolder(), 'adapter');
  mkdirSync(adapter);
  await trained.exportAdapter(adapter, directory);
  const request = { prompt: [5, 6, 7], params: { maxTokens: 12, temperature: 0 } };
  const [wanted, plain, opened] = await Promise.all([
    trained.generate(request),
    openModel(directory, 'runs', { threads: 1 }),
    openModel(directory, 'runs', { threads: 1, adapter }),
  ]);
  onTestFinished(async () => void (await Promise.all([plain.engine.release(), opened.engine.release()])));
  expect((await opened.engine.generate(request)).tokens).toEqual(wanted.tokens);
  expect((await plain.engine.generate(request)).tokens).not.toEqual(wanted.tokens);
});
