/** The model shapes that speed is measured on, with random weights. */
import type { ModelConfig } from '../model/config.ts';

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
  return {
    ...shape,
    family: 'llama',
    headSize: shape.hiddenSize / shape.heads,
    contextLength,
    normEpsilon: 1e-5,
    ropeTheta: 10000,
    ropeScaling: null,
    tieEmbeddings: true,
    attentionBias: false,
    attentionOutputBias: false,
    mlpBias: false,
    qkNorm: false,
    endTokens: [0],
    beginToken: null,
    raw: {},
  };
}
