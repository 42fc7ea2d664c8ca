import { Random } from '../random.ts';
import type { Parameter } from './checkpoint.ts';
import { type ModelConfig, type ModelFamily, parseModelConfig } from './config.ts';
import { elementCount, parameterSpecs } from './parameters.ts';

/** A model of each kind that is as small as it can be while all its sizes differ; `change` overrides fields of its config.json. */
export function tinyConfig(family: ModelFamily, change: Record<string, unknown> = {}): ModelConfig {
  const fields = {
    model_type: family,
    hidden_size: 12,
    intermediate_size: 20,
    num_hidden_layers: 2,
    num_attention_heads: 6,
    num_key_value_heads: 3,
    head_dim: family === 'qwen3' || family === 'gemma3_text' ? 4 : 2,
    vocab_size: 37,
    max_position_embeddings: 64,
    tie_word_embeddings: false,
    ...change,
  };
  return parseModelConfig(fields, 'the test model');
}

/** Random parameters in the internal layout; the same for the same seed. */
export function randomParameters(config: ModelConfig, seed: number): Parameter[] {
  const random = new Random(seed);
  return parameterSpecs(config).map((spec) => ({
    name: spec.name,
    shape: spec.internalShape,
    data: Float32Array.from({ length: elementCount(spec) }, () => random.normal()),
  }));
}
