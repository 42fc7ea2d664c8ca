import { describe, expect, test } from 'vitest';
import { tinyConfig } from '../../model/tiny-model.fixture.ts';
import { WEIGHT_FORMATS, type WeightFormat } from '../../model/weight-format.ts';
import { LocalEngine } from './local-engine.ts';
import { largestDifference, openTinyParts, randomData, randomTokens, testFolder, weightedLogprob, writeTinyModel, type TinyParts } from './tiny-engine.fixture.ts';
import { Random } from '../../random.ts';

const LORA = { rank: 3, alpha: 6 };
/** Rows divide into blocks of 32, so that every matrix can be stored in them. */
const change = { hidden_size: 32, intermediate_size: 64, num_attention_heads: 4, num_key_value_heads: 2, head_dim: 8, vocab_size: 300 };
const config = tinyConfig('qwen2', change);

function parts(recompute: boolean, format: WeightFormat): TinyParts {
  const made = openTinyParts(config, { lora: LORA, recompute, format });
  for (const { name, value } of made.parameters.trained) if (name.includes('lora_B')) value.data.forEach((_, i) => (value.data[i] = 0.3 * Math.sin(i + 1)));
  return made;
}

const gradientOf = ({ parameters }: TinyParts): number[] => parameters.trained.flatMap(({ training }) => [...training.gradient.data]);

describe.each(WEIGHT_FORMATS)('with weights in %s', (format) => {
  test('passes block by block give the loss, log-probabilities and gradient of one graph', async () => {
    const batch = randomData([9, 17, 12], config.vocabularySize);
    const [whole, blocks] = [parts(false, format), parts(true, format)];
    const expected = await whole.sequences.forwardBackward(batch, weightedLogprob, 0.8);
    const found = await blocks.sequences.forwardBackward(batch, weightedLogprob, 0.8);
    expect(found.loss).toBeCloseTo(expected.loss, 3);
    expected.logprobs.forEach((row, i) => expect(largestDifference(row, found.logprobs[i] ?? [])).toBeLessThan(2e-4));
    const [a, b] = [gradientOf(whole), gradientOf(blocks)];
    const scale = Math.max(...a.map(Math.abs));
    expect(largestDifference(a, b) / scale).toBeLessThan(2e-3);
    const again = await blocks.sequences.forward(batch, 0.8);
    expected.logprobs.forEach((row, i) => expect(largestDifference(row, again[i] ?? [])).toBeLessThan(2e-4));
  });

  test('sampler and trainer agree', async () => {
    const directory = testFolder();
    await writeTinyModel(directory, { family: 'qwen2', change });
    const engine = await LocalEngine.open(directory, { threads: 1, lora: LORA, weights: format, recompute: true });
    try {
      const prompt = randomTokens(7, config.vocabularySize, new Random(3));
      const [[completion] = []] = await engine.sample([{ prompt }], { maxTokens: 12, stopTokens: [] });
      if (!completion) throw new Error('one completion');
      const [logprobs] = await engine.forward([{ tokens: [...prompt, ...completion.tokens], inputs: {} }]);
      expect(largestDifference(completion.logprobs, logprobs?.subarray(prompt.length - 1) ?? [])).toBeLessThan(2e-3);
    } finally {
      await engine.release();
    }
  });
});

test('stored weights are near the original ones, and saved as they are stored', async () => {
  const errors = WEIGHT_FORMATS.map((format) => {
    const name = 'model.layers.0.mlp.up_proj.weight';
    const [exact, stored] = [parts(false, 'f32').parameters.float32(name), parts(false, format).parameters.float32(name)];
    return largestDifference(exact, stored) / Math.max(...exact.map(Math.abs));
  });
  const [f32 = NaN, f16 = NaN, int8 = NaN, int4 = NaN] = errors;
  expect(f32).toBe(0);
  expect(f16).toBeLessThan(1e-3);
  expect(int8).toBeLessThan(1 / 127);
  expect(int4).toBeLessThan(1 / 7);
});

test('what cannot be is refused', async () => {
  const directory = testFolder();
  await writeTinyModel(directory, { family: 'qwen2', change });
  await expect(LocalEngine.open(directory, { weights: 'int8' })).rejects.toThrow(/train adapters/);
  await expect(LocalEngine.open(directory, { recompute: true })).rejects.toThrow(/adapters only/);
});
