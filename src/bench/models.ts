/** The model shapes that speed is measured on, with random weights. */
import { parseModelConfig, type ModelConfig } from '../model/config.ts';

interface Shape {
  label: string;
  hiddenSize: number;
  intermediateSize: number;
  layers: number;
  heads: number;
  keyValueHeads: number;
  vocabularySize: number;
}

export const BENCH_SHAPES: readonly Shape[] = [
  { label: '1M', hiddenSize: 128, intermediateSize: 384, layers: 4, heads: 4, keyValueHeads: 2, vocabularySize: 1536 },
  { label: '10M', hiddenSize: 384, intermediateSize: 1152, layers: 5, heads: 6, keyValueHeads: 2, vocabularySize: 4096 },
  { label: '100M', hiddenSize: 768, intermediateSize: 2304, layers: 12, heads: 12, keyValueHeads: 4, vocabularySize: 16384 },
];

/** A Llama of the given shape with tied embeddings; heads share keys and values in groups, as current models do. */
export function benchConfig(shape: Omit<Shape, 'label'>, contextLength: number): ModelConfig {
  const fields = {
    model_type: 'llama', hidden_size: shape.hiddenSize, intermediate_size: shape.intermediateSize, num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads, num_key_value_heads: shape.keyValueHeads, vocab_size: shape.vocabularySize, max_position_embeddings: contextLength,
    rms_norm_eps: 1e-5, tie_word_embeddings: true, bos_token_id: null, eos_token_id: 0,
  };
  return parseModelConfig(fields, 'the model of the bench');
}
