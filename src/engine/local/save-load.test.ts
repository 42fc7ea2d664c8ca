import { readFileSync, writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { R5Error } from '../../error.ts';
import { tinyConfig } from '../../model/tiny-model.fixture.ts';
import { LocalEngine } from './local-engine.ts';
import { largestDifference, openTinyEngine, randomData, testFolder, weightedLogprob, type TinyEngineOptions } from './tiny-engine.fixture.ts';

const STATE_FILES = ['model.safetensors', 'training-state.safetensors', 'config.json'];

/** A step whose data are named by its number, so that a run that is taken up again sees the same. */
async function train(engine: LocalEngine, from: number, to: number): Promise<void> {
  for (let step = from; step <= to; step++) {
    await engine.forwardBackward(randomData([20, 9, 33], 300, step), weightedLogprob);
    await engine.optimStep({ learningRate: 0.01, weightDecay: 0.01 });
  }
}

function expectSameFiles(a: string, b: string, files = STATE_FILES): void {
  for (const file of files) expect(readFileSync(join(a, file)).equals(readFileSync(join(b, file))), file).toBe(true);
}

const kinds: [string, TinyEngineOptions][] = [
  ['all weights', {}],
  ['all weights, tied, with biases', { family: 'qwen2', change: { tie_word_embeddings: true } }],
  ['adapters', { lora: { rank: 3, alpha: 6 }, family: 'qwen3' }],
];

describe.each(kinds)('a run that trains %s', (_, options) => {
  test('goes on from what it saved to bit-identical weights and moments', async () => {
    const engine = await openTinyEngine(options);
    const [middle, end, resumedEnd] = [testFolder(), testFolder(), testFolder()];
    await train(engine, 1, 3);
    await engine.save(middle);
    await train(engine, 4, 5);
    await engine.save(end);
    const fresh = await openTinyEngine(options);
    await fresh.load(middle);
    expect(fresh.weightsVersion).toBe(3);
    await train(fresh, 4, 5);
    await fresh.save(resumedEnd);
    expectSameFiles(end, resumedEnd);
  });

  test('loads what it saved, bit for bit, also over weights that have moved on', async () => {
    const engine = await openTinyEngine(options);
    const [saved, again] = [testFolder(), testFolder()];
    await train(engine, 1, 2);
    await engine.save(saved);
    await train(engine, 3, 4);
    await engine.forwardBackward(randomData([9], 300), weightedLogprob);
    await engine.load(saved);
    await engine.save(again);
    expectSameFiles(saved, again);
    expect(engine.weightsVersion).toBe(2);
    expect(engine.parameterChanges().every(({ largest }) => largest === 0)).toBe(true);
    // A gradient from before belongs to other weights.
    expect(await engine.optimStep({ learningRate: 0.1 })).toEqual({ gradientNorm: 0, weightsVersion: 3 });
  });

  test('saves a directory that opens as a model', async () => {
    const engine = await openTinyEngine(options);
    await train(engine, 1, 2);
    const directory = testFolder();
    await engine.save(directory);
    const opened = await LocalEngine.open(directory, { threads: 1 });
    onTestFinished(() => opened.release());
    const data = randomData([30, 12], 300);
    const [ours, theirs] = [await engine.forward(data), await opened.forward(data)];
    ours.forEach((row, i) => expect(largestDifference(row, theirs[i] ?? [])).toBeLessThan(1e-5));
    expect(opened.tokenizer?.encode('the answer')).toEqual(engine.tokenizer?.encode('the answer'));
    expect(opened.config).toMatchObject({ family: engine.config.family, endTokens: engine.config.endTokens });
  });
});

describe('a fresh engine', () => {
  test('saves and loads before any step', async () => {
    const engine = await openTinyEngine();
    const [a, b] = [testFolder(), testFolder()];
    await engine.save(a);
    const other = await openTinyEngine({ weightsSeed: 2 });
    await other.load(a);
    await other.save(b);
    expectSameFiles(a, b);
  });

  test('made without files is the same for the same seed', async () => {
    const config = tinyConfig('llama');
    const folders = await Promise.all([1, 1, 2].map(async (seed) => {
      const engine = LocalEngine.create(config, { seed, threads: 1 });
      const folder = testFolder();
      await engine.save(folder);
      await engine.release();
      return folder;
    }));
    const [a = '', b = '', c = ''] = folders;
    expectSameFiles(a, b);
    expect(() => expectSameFiles(a, c, ['model.safetensors'])).toThrow(/model.safetensors/);
  });
});

describe('loading what does not fit is refused by name, and leaves the weights as they were', () => {
  const other = async (options: TinyEngineOptions): Promise<string> => {
    const engine = await openTinyEngine(options);
    await train(engine, 1, 1);
    const directory = testFolder();
    await engine.save(directory);
    return directory;
  };

  const refused = async (options: TinyEngineOptions, directory: string, message: RegExp): Promise<void> => {
    const engine = await openTinyEngine(options);
    await train(engine, 1, 1);
    const [before, after] = [testFolder(), testFolder()];
    await engine.save(before);
    await expect(engine.load(directory)).rejects.toThrow(R5Error);
    await expect(engine.load(directory)).rejects.toThrow(message);
    await engine.save(after);
    expectSameFiles(before, after);
  };

  test('an empty folder', () => refused({}, testFolder(), /config\.json/));

  test('a model without training state', async () => {
    const directory = await other({ weightsSeed: 3 });
    rmSync(join(directory, 'training-state.safetensors'));
    await refused({}, directory, /training-state\.safetensors/);
  });

  test('a training state that is damaged', async () => {
    const directory = await other({ weightsSeed: 3 });
    const path = join(directory, 'training-state.safetensors');
    writeFileSync(path, readFileSync(path).subarray(0, 2000));
    await refused({}, directory, /training-state\.safetensors/);
  });

  test('a model of another size', async () => refused({}, await other({ change: { hidden_size: 24 } }), /\[|hidden|model/));

  test('a state of all weights into adapters, and the other way round', async () => {
    await refused({ lora: { rank: 2, alpha: 4 } }, await other({}), /lora/);
    await refused({}, await other({ lora: { rank: 2, alpha: 4 } }), /training-state\.safetensors/);
  });

  test('adapters of another rank', async () => refused({ lora: { rank: 2, alpha: 4 } }, await other({ lora: { rank: 3, alpha: 4 } }), /lora/));

  test('adapters of another scale', async () => refused({ lora: { rank: 2, alpha: 4 } }, await other({ lora: { rank: 2, alpha: 8 } }), /alpha/));
});
