import { describe, expect, test } from 'vitest';
import { R5Error } from '../../error.ts';
import type { ModelFamily } from '../../model/config.ts';
import { tinyConfig } from '../../model/tiny-model.fixture.ts';
import { Random } from '../../random.ts';
import type { Datum } from '../engine.ts';
import { largestDifference, openTinyParts, randomTokens, weightedLogprob, type TinyParts } from './tiny-engine.fixture.ts';

const VOCABULARY = 37;
const SMALL = { vocab_size: VOCABULARY, pad_token_id: 0, bos_token_id: 1, eos_token_id: 2 };

/** Groups of sequences that begin with the same prompt; what counts begins with the first token after it. */
function groups(shapes: readonly { prompt: number; completions: readonly number[] }[]): Datum[] {
  const random = new Random(4);
  return shapes.flatMap(({ prompt, completions }) => {
    const shared = randomTokens(prompt, VOCABULARY, random);
    return completions.map((length) => {
      const tokens = [...shared, ...randomTokens(length, VOCABULARY, random)];
      return { tokens, inputs: { weights: Float32Array.from({ length: tokens.length - 1 }, () => random.normal()) }, firstEntry: prompt - 1 };
    });
  });
}

/** The same without saying so: what comes before has no weight. */
const plain = (batch: readonly Datum[]): Datum[] =>
  batch.map(({ tokens, inputs: { weights = new Float32Array() }, firstEntry = 0 }) => ({ tokens, inputs: { weights: weights.slice().fill(0, 0, firstEntry) } }));

const batch = groups([{ prompt: 20, completions: [5, 9, 3, 9] }, { prompt: 11, completions: [4, 12] }, { prompt: 2, completions: [7] }, { prompt: 30, completions: [6] }]);
const gradientOf = ({ parameters }: TinyParts): number[] => parameters.trained.flatMap(({ training }) => [...training.gradient.data]);

async function compare(open: (microBatchTokens: number) => TinyParts, microBatchTokens: number): Promise<void> {
  const [one, other] = [open(microBatchTokens), open(4096)];
  const found = await one.sequences.forwardBackward(batch, weightedLogprob, 0.8);
  const expected = await other.sequences.forwardBackward(plain(batch), weightedLogprob, 0.8);
  expect(found.loss).toBeCloseTo(expected.loss, 3);
  const forward = await one.sequences.forward(batch, 0.8);
  batch.forEach(({ firstEntry = 0 }, i) => {
    const counted = expected.logprobs[i]?.fill(0, 0, firstEntry) ?? [];
    expect(largestDifference(found.logprobs[i] ?? [], counted)).toBeLessThan(5e-5);
    expect(largestDifference(forward[i] ?? [], counted)).toBeLessThan(5e-5);
  });
  const [gradient, reference] = [gradientOf(one), gradientOf(other)];
  expect(largestDifference(gradient, reference) / Math.max(...reference.map(Math.abs))).toBeLessThan(2e-5);
}

describe('what sequences share is computed once, and loss, log-probabilities and gradient stay as they are', () => {
  test.each<ModelFamily>(['llama', 'mistral', 'qwen2', 'qwen3', 'smollm3', 'olmo2', 'phi3', 'gemma3_text'])('%s', async (family) => {
    const config = tinyConfig(family, { ...SMALL, ...(family === 'mistral' ? { sliding_window: 6 } : {}) });
    await compare((microBatchTokens) => openTinyParts(config, { microBatchTokens }), 4096);
  });

  test('in small micro-batches', () => compare((microBatchTokens) => openTinyParts(tinyConfig('llama', { vocab_size: VOCABULARY }), { microBatchTokens }), 40));

  test.each<ModelFamily>(['qwen2', 'smollm3', 'gemma3_text'])('block by block, with adapters: %s', async (family) => {
    const config = tinyConfig(family, SMALL);
    await compare((microBatchTokens) => {
      const parts = openTinyParts(config, { microBatchTokens, lora: { rank: 3, alpha: 6 }, recompute: true });
      for (const { name, value } of parts.parameters.trained) if (name.includes('lora_B')) value.data.forEach((_, i) => (value.data[i] = 0.3 * Math.sin(i + 1)));
      return parts;
    }, 64);
  });
});

test('a first entry that is none is refused', async () => {
  const { sequences } = openTinyParts(tinyConfig('llama'));
  await expect(sequences.forward([{ tokens: [1, 2, 3], inputs: {}, firstEntry: 2 }], 1)).rejects.toThrow(
    new R5Error('Datum 0 has firstEntry 2; a sequence of 3 tokens has the entries 0 to 1.'),
  );
});
