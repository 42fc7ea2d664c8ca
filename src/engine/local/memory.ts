/** How much memory passes take, from the shape of the model. */
import type { ModelConfig } from '../../model/config.ts';

/** Bytes that one pass over `tokens` holds when nothing is computed again: activations of all blocks, and scores of the vocabulary. */
export function activationBytes(config: ModelConfig, tokens: number): number {
  return tokens * (config.layers * blockFloats(config, Math.min(tokens, 512)) + 3 * config.vocabularySize) * 4;
}

/** Numbers that a block keeps for the backward pass, for each token of sequences of length `time`. */
export function blockFloats({ hiddenSize, intermediateSize, heads, keyValueHeads, headSize }: ModelConfig, time: number): number {
  const attention = 4 * heads * headSize + 4 * keyValueHeads * headSize + heads * time;
  return 5 * hiddenSize + attention + 3 * intermediateSize;
}
