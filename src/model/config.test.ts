import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ModelConfig, parseModelConfig, readModelConfig, toHuggingFaceConfig } from './config.ts';
import { parameterCount } from './parameters.ts';

/** Published files, shortened to the fields that matter. */
const llama31 = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  bos_token_id: 128000,
  eos_token_id: [128001, 128008, 128009],
  hidden_act: 'silu',
  hidden_size: 4096,
  intermediate_size: 14336,
  max_position_embeddings: 131072,
  mlp_bias: false,
  num_attention_heads: 32,
  num_hidden_layers: 32,
  num_key_value_heads: 8,
  rms_norm_eps: 1e-5,
  rope_scaling: { factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192, rope_type: 'llama3' },
  rope_theta: 500000,
  tie_word_embeddings: false,
  torch_dtype: 'bfloat16',
  vocab_size: 128256,
};
const qwen25 = {
  architectures: ['Qwen2ForCausalLM'],
  model_type: 'qwen2',
  bos_token_id: 151643,
  eos_token_id: 151645,
  hidden_act: 'silu',
  hidden_size: 896,
  intermediate_size: 4864,
  max_position_embeddings: 32768,
  max_window_layers: 21,
  num_attention_heads: 14,
  num_hidden_layers: 24,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-6,
  rope_theta: 1000000,
  sliding_window: 32768,
  tie_word_embeddings: true,
  use_sliding_window: false,
  vocab_size: 151936,
};
const qwen3 = {
  architectures: ['Qwen3ForCausalLM'],
  model_type: 'qwen3',
  attention_bias: false,
  bos_token_id: 151643,
  eos_token_id: 151645,
  head_dim: 128,
  hidden_size: 1024,
  intermediate_size: 3072,
  max_position_embeddings: 40960,
  max_window_layers: 28,
  num_attention_heads: 16,
  num_hidden_layers: 28,
  num_key_value_heads: 8,
  rms_norm_eps: 1e-6,
  rope_scaling: null,
  rope_theta: 1000000,
  sliding_window: null,
  tie_word_embeddings: true,
  use_sliding_window: false,
  vocab_size: 151936,
};

const parse = (json: unknown): ModelConfig => parseModelConfig(json, 'config.json');
const withoutRaw = (config: ModelConfig): ModelConfig => ({ ...config, raw: {} });

describe('published models', () => {
  test('Llama 3.1 8B', () => {
    const config = parse(llama31);
    expect(config).toMatchObject({ family: 'llama', layers: 32, heads: 32, keyValueHeads: 8, headSize: 128, tieEmbeddings: false });
    expect(config).toMatchObject({ attentionBias: false, attentionOutputBias: false, mlpBias: false, qkNorm: 'none' });
    expect(config.endTokens).toEqual([128001, 128008, 128009]);
    expect(config.ropeScaling).toEqual({
      type: 'llama3', factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextLength: 8192,
    });
    expect(parameterCount(config)).toBe(8_030_261_248);
  });

  test('Qwen2.5 0.5B: biases of q, k and v only', () => {
    const config = parse(qwen25);
    expect(config).toMatchObject({ family: 'qwen2', headSize: 64, attentionBias: true, attentionOutputBias: false, ropeTheta: 1e6 });
    expect(parameterCount(config)).toBe(494_032_768);
  });

  test('Qwen3 0.6B: heads wider than the model, normalized queries and keys', () => {
    const config = parse(qwen3);
    expect(config).toMatchObject({ family: 'qwen3', headSize: 128, qkNorm: 'head', attentionBias: false, ropeScaling: null });
    expect(parameterCount(config)).toBe(596_049_920);
  });
});

test('the spelling of transformers 5: rope_parameters and dtype', () => {
  const { rope_scaling: scaling, rope_theta: theta, torch_dtype: dtype, ...rest } = llama31;
  const newer = parse({ ...rest, dtype, rope_parameters: { ...scaling, rope_theta: theta } });
  expect(withoutRaw(newer)).toEqual(withoutRaw(parse(llama31)));
});

test('fields that are left out mean what they mean in transformers', () => {
  const bare = { hidden_size: 64, intermediate_size: 128, num_hidden_layers: 1, num_attention_heads: 4, vocab_size: 100 };
  expect(parse({ model_type: 'llama', ...bare })).toMatchObject({
    keyValueHeads: 4, headSize: 16, contextLength: 2048, ropeTheta: 10000, normEpsilon: 1e-6, tieEmbeddings: false,
    beginToken: 1, endTokens: [2],
  });
  expect(parse({ model_type: 'qwen3', ...bare })).toMatchObject({ headSize: 128, contextLength: 32768, beginToken: null, endTokens: [] });
  expect(parse({ model_type: 'llama', ...bare, attention_bias: true, mlp_bias: true })).toMatchObject({
    attentionBias: true, attentionOutputBias: true, mlpBias: true,
  });
});

describe('rope scaling', () => {
  const scaled = (ropeScaling: unknown): ModelConfig => parse({ ...qwen25, rope_scaling: ropeScaling });

  test('yarn with its defaults, linear in the old spelling, default', () => {
    expect(scaled({ type: 'yarn', factor: 4, original_max_position_embeddings: 32768 }).ropeScaling).toEqual({
      type: 'yarn', factor: 4, betaFast: 32, betaSlow: 1, originalContextLength: 32768, truncate: true,
      attentionFactor: 0.1 * Math.log(4) + 1,
    });
    expect(scaled({ type: 'linear', factor: 2 }).ropeScaling).toEqual({ type: 'linear', factor: 2 });
    expect(scaled({ rope_type: 'default' }).ropeScaling).toBeNull();
  });

  test.each([
    [{ rope_type: 'dynamic', factor: 2 }, 'rope_scaling: the kind "dynamic" is not supported. r5 supports default, linear, llama3'],
    [{ rope_type: 'longrope', factor: 2 }, 'short_factor'],
    [{ rope_type: 'linear' }, 'rope_scaling does not hold what it should: factor'],
    [{ rope_type: 'linear', factor: -1 }, 'factor'],
    [{ rope_type: 'llama3', factor: 8, low_freq_factor: 4, high_freq_factor: 4 }, 'must be larger than'],
    [{ rope_type: 'default', partial_rotary_factor: 0.5 }, 'partial_rotary_factor 0.5'],
  ])('%j is refused', (scaling, message) => {
    expect(() => scaled(scaling)).toThrow(message);
  });

  test('one for one kind of layer only is refused', () => {
    const perKind = { full_attention: { rope_type: 'default' } };
    expect(() => parse({ ...qwen3, rope_parameters: perKind })).toThrow('both full_attention and sliding_attention');
  });
});

describe('what r5 does not compute is refused by name:', () => {
  test.each([
    [{ model_type: 'gpt2' }, 'the model type "gpt2" is not supported. r5 supports llama (LlamaForCausalLM), mistral'],
    [{ model_type: 'toString' }, 'the model type "toString" is not supported'],
    [{ architectures: ['Qwen2ForRewardModel'] }, 'the architecture Qwen2ForRewardModel is not supported'],
    [{ hidden_act: 'gelu' }, 'hidden_act "gelu"'],
    [{ use_sliding_window: true }, 'use_sliding_window with sliding_window 32768 from layer 21 on'],
    [{ layer_types: ['full_attention', 'sliding_attention'] }, 'layer_types has sliding_attention'],
    [{ quantization_config: { bits: 4 } }, 'quantization_config'],
    [{ partial_rotary_factor: 0.25 }, 'partial_rotary_factor 0.25'],
    [{ num_hidden_layers: 0 }, 'num_hidden_layers'],
    [{ hidden_size: 900 }, 'hidden_size 900 is not a multiple of num_attention_heads 14'],
    [{ num_key_value_heads: 4 }, 'num_attention_heads 14 is not a multiple of num_key_value_heads 4'],
    [{ head_dim: 63 }, 'heads of size 63 cannot be rotated'],
    [{ vocab_size: '512' }, 'vocab_size'],
    [{ eos_token_id: [1, 200000] }, 'eos_token_id 200000 is outside the vocabulary of 151936 tokens'],
    [{ rms_norm_eps: Number.NaN }, 'rms_norm_eps'],
  ])('%j', (change, message) => {
    expect(() => parse({ ...qwen25, ...change })).toThrow(message);
    expect(() => parse({ ...qwen25, ...change })).toThrow('config.json');
  });

  test('a window that no layer uses is no window', () => {
    expect(parse({ ...qwen25, use_sliding_window: true, max_window_layers: 24 }).family).toBe('qwen2');
  });
});

test.each([
  ['llama', llama31],
  ['llama with every bias', { ...llama31, attention_bias: true, mlp_bias: true }],
  ['qwen2', qwen25],
  ['qwen2 with yarn', { ...qwen25, rope_scaling: { type: 'yarn', factor: 4, original_max_position_embeddings: 32768, truncate: false } }],
  ['qwen3', qwen3],
])('written and parsed again, %s is the same', (_, json) => {
  const config = parse(json);
  expect(withoutRaw(parse(toHuggingFaceConfig(config)))).toEqual(withoutRaw(config));
});

test('a written file keeps the fields that r5 has no use for, and says the element type once', () => {
  const written = toHuggingFaceConfig(parse({ ...qwen25, initializer_range: 0.02, dtype: 'float32', torch_dtype: 'float16' }), 'BF16');
  expect(written).toMatchObject({ initializer_range: 0.02, torch_dtype: 'bfloat16' });
  expect(written).not.toHaveProperty('dtype');
});

describe('a model directory', () => {
  test('adds the end tokens of generation_config.json; without config.json it is refused', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'r5-config-'));
    try {
      await expect(readModelConfig(directory)).rejects.toThrow(`${join(directory, 'config.json')} is missing`);
      await writeFile(join(directory, 'config.json'), JSON.stringify(qwen25));
      expect((await readModelConfig(directory)).endTokens).toEqual([151645]);
      await writeFile(join(directory, 'generation_config.json'), JSON.stringify({ eos_token_id: [151645, 151643], temperature: 0.7 }));
      expect((await readModelConfig(directory)).endTokens).toEqual([151645, 151643]);
      await writeFile(join(directory, 'config.json'), '{"model_type": "qwen2", "hid');
      await expect(readModelConfig(directory)).rejects.toThrow('is not valid JSON');
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
