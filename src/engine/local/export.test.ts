import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { getLlama, LlamaLogLevel, type Llama, type Token } from 'node-llama-cpp';
import { afterAll, describe, expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { LocalEngine } from './local-engine.ts';
import { largestDifference, openTinyEngine, randomData, randomTokens, testFolder, tokenizerSize, weightedLogprob, writeTinyModel } from './tiny-engine.fixture.ts';

const tiny = join(import.meta.dirname, '../../../models/r5-tiny');
const stories = join(import.meta.dirname, '../../../../shared/data/stories260k');

/** llama.cpp from its prebuilt package; undefined where there is none for this platform, and then its tests skip. */
const llama: Llama | undefined = await getLlama({ build: 'never', gpu: false, logLevel: LlamaLogLevel.error, progressLogs: false, skipDownload: true, maxThreads: 1 }).catch(() => undefined);
afterAll(() => llama?.dispose());

async function greedyByLlama(path: string, prompt: readonly number[], count: number): Promise<number[]> {
  if (!llama) throw new Error('llama.cpp is there');
  const model = await llama.loadModel({ modelPath: path, gpuLayers: 0 });
  const context = await model.createContext({ contextSize: 256, sequences: 1, threads: 1, experimentalKvCacheKeyType: 'F32', experimentalKvCacheValueType: 'F32' });
  const found: number[] = [];
  // Its tokens are the ids with a brand of their own.
  for await (const token of context.getSequence().evaluate(prompt as unknown as Token[], { temperature: 0, yieldEogToken: true })) {
    found.push(Number(token));
    if (found.length === count) break;
  }
  await context.dispose();
  await model.dispose();
  return found;
}

describe.skipIf(!llama)('GGUF files, read by llama.cpp (skipped where its package has no binary)', () => {
  test.each(['f32', 'f16', 'q8_0'] as const)('%s: the embedded model answers in the same tokens', async (type) => {
    const engine = await LocalEngine.open(tiny, { threads: 1, frozen: true, ...(type === 'q8_0' ? { weights: 'int8' as const } : {}) });
    const path = join(testFolder(), 'tiny.gguf');
    await engine.exportGguf(path, { type, anyWords: true });
    const prompt = engine.tokenizer?.encode('Make 24 from 4 6 1.\n') ?? [];
    const [[completion] = []] = await engine.sample([{ prompt }], { maxTokens: 48, temperature: 0, stopTokens: [] });
    await engine.release();
    expect(await greedyByLlama(path, prompt, 48)).toEqual(completion?.tokens);
  });

  test.skipIf(!existsSync(stories))('a real model with its own tokenizer (needs shared/data)', async () => {
    const engine = await LocalEngine.open(stories, { threads: 1, frozen: true });
    const path = join(testFolder(), 'stories.gguf');
    await engine.exportGguf(path, { type: 'f32' });
    const prompt = [1, ...(engine.tokenizer?.encode('Once upon a time') ?? [])];
    const [[completion] = []] = await engine.sample([{ prompt }], { maxTokens: 64, temperature: 0, stopTokens: [] });
    await engine.release();
    expect(await greedyByLlama(path, prompt, 64)).toEqual(completion?.tokens);
    const model = await llama?.loadModel({ modelPath: path, gpuLayers: 0, vocabOnly: true });
    expect(model?.tokenize('Lily saw a big red ball. "Hello!"').map(Number)).toEqual(engine.tokenizer?.encode('Lily saw a big red ball. "Hello!"'));
    await model?.dispose();
  });

  test.each([
    ['llama', 'llama', {}],
    ['qwen2', 'qwen2', {}],
    ['qwen3', 'qwen3', {}],
    ['mistral', 'mistral', { sliding_window: null }],
    ['llama with stretched positions', 'llama', { rope_scaling: { rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 16 } }],
  ] as const)('%s: a model of random weights writes the same tokens', async (_, family, change) => {
    const size = { hidden_size: 64, intermediate_size: 96, num_attention_heads: 4, num_key_value_heads: 2, head_dim: 16, vocab_size: tokenizerSize };
    const engine = await openTinyEngine({ family, change: { ...size, ...change } });
    const path = join(testFolder(), 'random.gguf');
    await engine.exportGguf(path, { type: 'f32', anyWords: true });
    const prompt = randomTokens(12, tokenizerSize, new Random(2));
    const [[completion] = []] = await engine.sample([{ prompt }], { maxTokens: 16, temperature: 0, stopTokens: [] });
    expect(await greedyByLlama(path, prompt, 16)).toEqual(completion?.tokens);
  });
});

test('what llama.cpp has no place for is refused', async () => {
  const engine = await openTinyEngine({ family: 'gemma3_text', change: { tie_word_embeddings: true } });
  await expect(engine.exportGguf(join(testFolder(), 'x.gguf'))).rejects.toThrow(/GGUF export has no gemma3_text/);
  const other = await LocalEngine.open(tiny, { threads: 1, frozen: true });
  await expect(other.exportGguf(join(testFolder(), 'x.gguf'))).rejects.toThrow(/cuts text in a way that llama.cpp does not have/);
  await other.release();
});

test('an adapter in the form of PEFT comes back as it was, on the same model', async () => {
  const directory = testFolder();
  await writeTinyModel(directory);
  const engine = await LocalEngine.open(directory, { threads: 1, lora: { rank: 3, alpha: 6 } });
  for (let step = 0; step < 3; step++) {
    await engine.forwardBackward(randomData([9, 12], engine.vocabularySize, step), weightedLogprob);
    await engine.optimStep({ learningRate: 0.05 });
  }
  const adapter = testFolder();
  await engine.exportAdapter(adapter);
  await expect((async () => (await LocalEngine.open(directory, { frozen: true })).exportAdapter(adapter))()).rejects.toThrow(/no adapter to export/);
  const batch = randomData([14], engine.vocabularySize, 9);
  const [trained = new Float32Array()] = await engine.forward(batch);
  await engine.release();
  const again = await LocalEngine.open(directory, { threads: 1, frozen: true, adapter });
  const [loaded = new Float32Array()] = await again.forward(batch);
  const plain = await LocalEngine.open(directory, { threads: 1, frozen: true });
  const [untrained = new Float32Array()] = await plain.forward(batch);
  await again.release();
  await plain.release();
  expect(largestDifference(trained, loaded)).toBeLessThan(1e-5);
  expect(largestDifference(trained, untrained)).toBeGreaterThan(0.01);
});
