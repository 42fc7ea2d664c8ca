import { expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { LocalEngine } from './local-engine.ts';
import { largestDifference, openTinyEngine, randomTokens, testFolder, tokenizerSize } from './tiny-engine.fixture.ts';
import type { ModelFamily } from '../../model/config.ts';

const longRope = { rope_type: 'longrope', short_factor: [1, 1.5, 2], original_max_position_embeddings: 32 };

/** One of each kind; windows are shorter than the sequences, and no layer is like all others. */
const families: [string, ModelFamily, Record<string, unknown>][] = [
  ['llama', 'llama', {}],
  ['mistral with a window', 'mistral', { sliding_window: 5 }],
  ['qwen2', 'qwen2', {}],
  ['qwen3', 'qwen3', {}],
  ['smollm3', 'smollm3', { num_hidden_layers: 4, pad_token_id: 0, bos_token_id: 1, eos_token_id: 2 }],
  ['olmo2', 'olmo2', { eos_token_id: 2 }],
  ['phi3 with half of a head rotated', 'phi3', { eos_token_id: 2, partial_rotary_factor: 0.75, rope_scaling: longRope, sliding_window: 7 }],
  ['gemma3', 'gemma3_text', { num_hidden_layers: 3, sliding_window: 5, sliding_window_pattern: 3, query_pre_attn_scalar: 12, tie_word_embeddings: true }],
];

test.each(families)('%s: sampler and trainer agree, and what is saved is what was read', async (_, family, change) => {
  const engine = await openTinyEngine({ family, change: { vocab_size: tokenizerSize, ...change } });
  const prompt = randomTokens(11, engine.vocabularySize, new Random(5));
  const [[completion] = []] = await engine.sample([{ prompt }], { maxTokens: 12, stopTokens: [] });
  if (!completion) throw new Error('one completion');
  const datum = { tokens: [...prompt, ...completion.tokens], inputs: {} };
  const [logprobs = new Float32Array()] = await engine.forward([datum]);
  expect(largestDifference(completion.logprobs, logprobs.subarray(prompt.length - 1))).toBeLessThan(1e-4);
  const directory = testFolder();
  await engine.exportModel(directory);
  const again = await LocalEngine.open(directory, { threads: 1, frozen: true });
  const [same = new Float32Array()] = await again.forward([datum]);
  await again.release();
  expect(largestDifference(logprobs, same)).toBeLessThan(1e-5);
});
