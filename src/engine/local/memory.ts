/** How much memory and arithmetic a step takes, from the shape of the model. What the constants say was measured; see bench/README.md. */
import { hasAdapter, type LoraOptions } from '../../model/lora.ts';
import { elementCount, parameterSpecs } from '../../model/parameters.ts';
import { fitsBlocks, storedBytes, type WeightFormat } from '../../model/weight-format.ts';
import { cutIntoMicroBatches, rowsOf } from './micro-batches.ts';
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

/** Work of scoring a row of hidden states against the vocabulary, as a share of the rest of the model's work on it. */
export function scoringShare(config: ModelConfig): number {
  const { matrices, head } = countParameters(config);
  return head / matrices;
}

/** Bytes of activations from which on blocks are computed again. */
export const RECOMPUTE_ABOVE = 1.5e9;

/**
 * Tokens of a pass. One graph over the whole model fills the processor's caches best with few; block by block there is room for a group of
 * completions with the prompt that they share.
 */
export const WHOLE_TOKENS = 1024;
export const BLOCKWISE_TOKENS = 2304;

/** A training step's shape. */
export interface StepShape {
  config: ModelConfig;
  weights: WeightFormat;
  lora: LoraOptions | undefined;
  /** Prompts a step, completions of each, and their lengths in tokens. */
  prompts: number;
  groupSize: number;
  promptTokens: number;
  completionTokens: number;
  decodeRows: number;
  /** Default: as the engine decides. */
  microBatchTokens?: number | undefined;
  /** Default: as the engine decides. */
  recompute?: boolean | undefined;
}

export interface MemoryPlan {
  /** Bytes by what they are for; the peak is their sum. */
  parts: { runtime: number; weights: number; kernelLayouts: number; training: number; cache: number; passes: number };
  total: number;
  recompute: boolean;
}

/** Node, ONNX Runtime and compiled graphs. */
const RUNTIME_BYTES = 0.3e9;
/** The kernels' own layout of a constant matrix, in bytes an element. */
const LAYOUT_BYTES: Readonly<Record<WeightFormat, number>> = { f32: 4, f16: 0, int8: 1.25, int4: 0.75 };
/** Prompts that are read in one run. */
const PROMPTS_AT_ONCE = 16;
/** Rows of the vocabulary that are scored at once by the passes that go block by block. */
const VOCABULARY_PIECE = 16_384;

export function planMemory(shape: StepShape): MemoryPlan {
  const { config, weights, lora } = shape;
  const recompute = shape.recompute ?? (lora !== undefined && activationBytes(config, shape.microBatchTokens ?? WHOLE_TOKENS) > RECOMPUTE_ABOVE);
  const counts = countParameters(config);
  const frozen = lora !== undefined;
  const stored = storedBytes(frozen ? weights : 'f32', counts.matrices) + storedBytes(frozen ? weights : 'f32', counts.embeddings) + 4 * counts.vectors;
  const trained = lora ? adapterElements(config, lora) : counts.matrices + counts.embeddings + counts.vectors;
  const layoutElements = frozen ? counts.matrices + counts.head * (recompute && weights !== 'f32' ? 2 : 1) : 0;
  const parts = {
    runtime: RUNTIME_BYTES,
    weights: stored + (lora ? 4 * trained : 0),
    kernelLayouts: LAYOUT_BYTES[weights] * layoutElements,
    // Gradient and Adam's two moments.
    training: 12 * trained,
    cache: cacheBytes(shape),
    passes: Math.max(trainingPassBytes(shape, recompute), prefillBytes(shape)),
  };
  return { parts, total: Object.values(parts).reduce((sum, bytes) => sum + bytes, 0), recompute };
}

function cacheBytes({ config, prompts, groupSize, promptTokens, completionTokens, decodeRows }: StepShape): number {
  const perToken = 2 * config.layers * config.keyValueHeads * config.headSize * 4;
  const rows = Math.min(decodeRows, prompts * groupSize);
  return perToken * (rows * (promptTokens + completionTokens) + PROMPTS_AT_ONCE * promptTokens);
}

/** Rows of the largest micro-batch, and of all of them; those that are scored against the vocabulary apart. */
interface PassRows {
  rows: number;
  scored: number;
  allRows: number;
  allScored: number;
}

/** The cut that a batch of completions of the full length gets. */
function passRows({ config, prompts, groupSize, promptTokens, completionTokens, microBatchTokens }: StepShape, recompute: boolean): PassRows {
  const budget = microBatchTokens ?? (recompute ? BLOCKWISE_TOKENS : WHOLE_TOKENS);
  const tokens = new Array<number>(promptTokens + completionTokens).fill(0);
  const group = Array.from({ length: groupSize }, () => ({ tokens, inputs: {}, firstEntry: promptTokens - 1 }));
  const cut = cutIntoMicroBatches(group, { budget, contextLength: tokens.length, scoringShare: scoringShare(config) });
  const scored = cut.map(({ members, time }) => members.length * time);
  const sum = (values: readonly number[]) => prompts * values.reduce((total, value) => total + value, 0);
  return { rows: Math.max(...cut.map(rowsOf)), scored: Math.max(...scored), allRows: sum(cut.map(rowsOf)), allScored: sum(scored) };
}

function trainingPassBytes(shape: StepShape, recompute: boolean): number {
  const { config, promptTokens, completionTokens, weights, lora } = shape;
  const time = promptTokens + completionTokens;
  const { rows, scored } = passRows(shape, recompute);
  if (!recompute) return (rows * config.layers * blockFloats(config, time) + scored * 3 * config.vocabularySize) * 4;
  const { hiddenSize, intermediateSize, layers, vocabularySize } = config;
  const kept = rows * hiddenSize * 4 * (layers + 8);
  const widened = lora && weights !== 'f32' ? 3 * 4 * hiddenSize * intermediateSize : 0;
  // A block's activations and their gradients.
  const block = 2 * rows * blockFloats(config, time) * 4 + widened;
  const piece = Math.min(vocabularySize, VOCABULARY_PIECE);
  const scores = 4 * 4 * scored * piece + 3 * 4 * piece * hiddenSize;
  return kept + Math.max(block, scores);
}

function prefillBytes({ config, prompts, promptTokens }: StepShape): number {
  return Math.min(prompts, PROMPTS_AT_ONCE) * promptTokens * (3 * config.intermediateSize + 6 * config.hiddenSize) * 4;
}

interface ParameterCounts {
  matrices: number;
  embeddings: number;
  /** Of the output projection, which may be the embedding. */
  head: number;
  vectors: number;
}

function countParameters(config: ModelConfig): ParameterCounts {
  const counts: ParameterCounts = { matrices: 0, embeddings: 0, vectors: 0, head: config.vocabularySize * config.hiddenSize };
  for (const spec of parameterSpecs(config)) {
    const key = spec.kind === 'matrix' ? 'matrices' : spec.kind === 'embedding' ? 'embeddings' : 'vectors';
    counts[key] += elementCount(spec);
  }
  return counts;
}

export function adapterElements(config: ModelConfig, { rank }: LoraOptions): number {
  return parameterSpecs(config).reduce((sum, { name, shape: [outputs = 0, inputs = 0] }) => sum + (hasAdapter(name) ? rank * (inputs + outputs) : 0), 0);
}

export interface ArithmeticPlan {
  /** Floating-point operations of a step by part; a multiply-add is two. */
  sampling: number;
  training: number;
  /** Decoding steps, each of which reads every weight once. */
  decodeSteps: number;
  /** Bytes that a decoding step reads. */
  decodeBytes: number;
}

export function planArithmetic(shape: StepShape, recompute: boolean): ArithmeticPlan {
  const { config, prompts, groupSize, promptTokens, completionTokens, decodeRows, lora, weights } = shape;
  const { matrices, head } = countParameters(config);
  const adapters = lora ? adapterElements(config, lora) : 0;
  const time = promptTokens + completionTokens;
  const attention = (length: number) => 2 * config.layers * config.heads * config.headSize * length;
  const completions = prompts * groupSize;
  const forward = (tokens: number, length: number) => 2 * tokens * (matrices + adapters + attention(length) / 2);
  const sampling = forward(prompts * promptTokens, promptTokens) + forward(completions * completionTokens, time) + 2 * completions * completionTokens * head;
  const { allRows: tokens, allScored } = passRows(shape, recompute);
  // Backward: gradients of activations, and of weights where they are trained.
  const backward = forward(tokens, time) * (lora ? 1 : 2) + 2 * tokens * adapters;
  const vocabulary = 2 * allScored * head * (recompute ? 2 : lora ? 2 : 3);
  const training = forward(tokens, time) * (recompute ? 2 : 1) + backward + vocabulary;
  const waves = Math.ceil(completions / decodeRows);
  return { sampling, training, decodeSteps: waves * completionTokens, decodeBytes: storedBytes(lora && fitsBlocks(config.hiddenSize) ? weights : 'f32', matrices + head) };
}
