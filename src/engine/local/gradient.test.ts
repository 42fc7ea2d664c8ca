import { describe, expect, test } from 'vitest';
import { tinyConfig } from '../../model/tiny-model.fixture.ts';
import { add, exp, mul, neg, sum } from '../../tensor/index.ts';
import type { Datum } from '../engine.ts';
import type { LossFunction } from '../loss.ts';
import { openTinyParts, randomData, type TinyParts } from './tiny-engine.fixture.ts';
import type { LoraOptions } from '../../model/lora.ts';
import type { ModelConfig } from '../../model/config.ts';

const TEMPERATURE = 0.7;

/** Not linear in the log-probabilities, so that its gradient depends on them: -sum w (logp + p). */
const curvedLoss: LossFunction = {
  name: 'curved',
  inputs: ['weights'],
  build: ({ logprobs, input }) => ({ loss: neg(sum(mul(add(logprobs, exp(logprobs)), input('weights')))) }),
};

/** The same loss in double precision, from log-probabilities. */
async function lossOf({ sequences }: TinyParts, batch: readonly Datum[]): Promise<number> {
  const logprobs = await sequences.forward(batch, TEMPERATURE);
  let loss = 0;
  logprobs.forEach((row, i) => row.forEach((logprob, t) => (loss -= (batch[i]?.inputs['weights']?.[t] ?? NaN) * (logprob + Math.exp(logprob)))));
  return loss;
}

/** The derivative by one element, from the loss at four points around it (error of fourth order in the step). */
async function finiteDifference(parts: TinyParts, batch: readonly Datum[], data: Float32Array, element: number): Promise<number> {
  const start = data[element] ?? NaN;
  const step = 2 ** -7;
  const lossAt = async (steps: number): Promise<number> => {
    data[element] = start + steps * step;
    const loss = await lossOf(parts, batch);
    data[element] = start;
    return loss;
  };
  const near = (await lossAt(1)) - (await lossAt(-1));
  const far = (await lossAt(2)) - (await lossAt(-2));
  return (8 * near - far) / (12 * step);
}

/** The element of the largest gradient, which a wrong one cannot hide behind noise, and one other. */
function elementsToCheck(gradient: Float32Array): number[] {
  const sizes = Array.from(gradient, Math.abs);
  return [...new Set([sizes.indexOf(Math.max(...sizes)), Math.floor(gradient.length * 0.6)])];
}

/** `q_proj.weight` of whatever layer. */
const kindOf = (name: string): string => name.replace(/layers\.\d+\./, '');

async function checkGradient(config: ModelConfig, lora?: LoraOptions): Promise<string[]> {
  const parts = openTinyParts(config, lora ? { lora } : {});
  // Adapters start with B = 0, where the gradient of A is zero.
  for (const { name, value } of parts.parameters.trained) if (name.includes('lora_B')) value.data.forEach((_, i) => (value.data[i] = 0.3 * Math.sin(i + 1)));
  const batch = randomData([9, 6, 12], config.vocabularySize);
  await parts.sequences.forwardBackward(batch, curvedLoss, TEMPERATURE);
  const seen = new Set<string>();
  for (const { name, value, training } of parts.parameters.trained) {
    if (seen.has(kindOf(name))) continue;
    seen.add(kindOf(name));
    for (const element of elementsToCheck(training.gradient.data)) {
      const expected = await finiteDifference(parts, batch, value.data, element);
      const found = training.gradient.data[element] ?? NaN;
      expect(Math.abs(found - expected), `${name}[${element}]: ${found}, by differences ${expected}`).toBeLessThan(4e-3 + 4e-3 * Math.abs(expected));
    }
  }
  return [...seen];
}

describe('the gradient is that of finite differences', () => {
  test('llama, untied', async () => {
    const kinds = await checkGradient(tinyConfig('llama'));
    expect(kinds).toHaveLength(12);
    expect(kinds).toContain('lm_head.weight');
  });

  test('llama, tied, with all biases', async () => {
    const kinds = await checkGradient(tinyConfig('llama', { tie_word_embeddings: true, attention_bias: true, mlp_bias: true }));
    expect(kinds).toHaveLength(11 + 7);
    expect(kinds).not.toContain('lm_head.weight');
  });

  test('qwen2, with its biases', async () => {
    const kinds = await checkGradient(tinyConfig('qwen2', { tie_word_embeddings: true }));
    expect(kinds).toEqual(expect.arrayContaining(['q', 'k', 'v'].map((name) => `model.self_attn.${name}_proj.bias`)));
  });

  test('qwen3, with its q and k norm', async () => {
    const kinds = await checkGradient(tinyConfig('qwen3'));
    expect(kinds).toEqual(expect.arrayContaining(['q', 'k'].map((name) => `model.self_attn.${name}_norm.weight`)));
  });

  test('the adapters of each linear layer, and nothing else', async () => {
    const kinds = await checkGradient(tinyConfig('qwen2'), { rank: 2, alpha: 3 });
    expect(kinds).toHaveLength(14);
    expect(kinds.every((kind) => kind.includes('lora_'))).toBe(true);
  });
});
