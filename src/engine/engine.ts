/**
 * The four primitives that every algorithm is written over: sample, forwardBackward, optimStep, save/load. An algorithm sees only this
 * interface and never knows which machine is behind it. The cut and the loss conventions (token-level, summed, pre-shifted) are those
 * of the Tinker API.
 */
import type { LossFunction } from './loss.ts';

export interface SamplingParams {
  /** Most tokens to generate. */
  maxTokens: number;
  /** 0 is greedy. Default 1. */
  temperature?: number;
  /** Keep the k most likely tokens. 0 (default) keeps all. */
  topK?: number;
  /** Keep the smallest set of tokens whose probability reaches p. 1 (default) keeps all. */
  topP?: number;
  /** Drop tokens less likely than minP times the likeliest. 0 (default) keeps all. */
  minP?: number;
  /** Texts that end a completion; kept in it. A special token is named by its spelling (`</s>`). */
  stop?: readonly string[];
  /** Token ids that end a completion; kept in it. Default: the model's end tokens. */
  stopTokens?: readonly number[];
  /** Every draw is named by (seed, rollout, position), so it does not depend on what a rollout was batched with. Default 0. */
  seed?: number;
}

export interface SampleRequest {
  prompt: readonly number[];
  /** Completions wanted; the prompt is read once for all of them. Default 1. */
  count?: number;
  /** Names the first completion's draws; completion i draws as `rollout + i`. Default: the number of completions asked for before it. */
  rollout?: number;
}

export interface Completion {
  /** Generated ids, the stop token included. Never re-tokenized. */
  tokens: number[];
  /** log-probability of each token under the model at the sampling temperature, before any top-k, top-p or min-p. */
  logprobs: number[];
  stopReason: 'stop' | 'length';
  /** Version of the weights that produced it (`Engine.weightsVersion`). */
  weightsVersion: number;
}

// Generation: one completion at a time, for servers and agents.

/** Restricts what may be drawn; one object serves one completion. */
export interface TokenConstraint {
  /** Writes 1 for each token that may come next and 0 for the others. `mask` has `vocabularySize` entries; at least one must be 1. */
  allowed: (mask: Uint8Array) => void;
  /** Told of each token that was drawn. */
  accept: (token: number) => void;
}

export interface GeneratedToken {
  token: number;
  /** At the sampling temperature, before any top-k, top-p, min-p or constraint. */
  logprob: number;
  /** The likeliest tokens, likeliest first; as many as `topLogprobs` asks for. */
  top: { token: number; logprob: number }[];
}

export interface GenerateRequest {
  prompt: readonly number[];
  /** `seed` names the draws: the same request with the same seed gives the same tokens. */
  params: SamplingParams;
  /** How many of the likeliest tokens to report at each position, at most 20. Default 0. */
  topLogprobs?: number;
  constraint?: TokenConstraint;
  /** Ends the generation early; its row is free from the next step on. */
  signal?: AbortSignal;
  /** Called with each token as it is drawn. */
  onToken?: (token: GeneratedToken) => void;
}

export interface Generation extends Omit<Completion, 'stopReason'> {
  stopReason: Completion['stopReason'] | 'aborted';
  /** Prompt tokens whose keys and values were still there from earlier requests. */
  cachedTokens: number;
}

/**
 * One sequence to learn from. All arrays of `inputs` are pre-shifted: entry i speaks of `tokens[i + 1]`, so each has
 * `tokens.length - 1` entries; a loss names the arrays that it wants (`weights`, `advantages`, `logprobs`, ...).
 */
export interface Datum {
  tokens: readonly number[];
  /**
   * First entry that counts: those before it are no part of the loss, whatever the arrays hold, and their log-probabilities come out as 0. What
   * sequences share before it, such as the prompt of a group, need then be computed only once. Default 0.
   */
  firstEntry?: number;
  inputs: Readonly<Record<string, Float32Array>>;
}

export interface ForwardBackwardResult {
  /** Sum of the loss over the batch. */
  loss: number;
  /** Sums of the loss's own metrics over the batch, by name. */
  metrics: Record<string, number>;
  /** log-probability of `tokens[i + 1]` at entry i, per datum. */
  logprobs: Float32Array[];
}

export interface OptimParams {
  learningRate: number;
  /** Default 0.9 and 0.95. */
  beta1?: number;
  beta2?: number;
  /** Default 1e-8. */
  epsilon?: number;
  /** Decoupled; applied to matrices only. Default 0. */
  weightDecay?: number;
  /** Largest global norm of the gradient; 0 turns clipping off. Default 1. */
  clipNorm?: number;
}

export interface OptimResult {
  /** Global gradient norm before clipping. */
  gradientNorm: number;
  weightsVersion: number;
}

/** How the trained and the frozen parameters have changed since the engine was made or loaded. */
export interface ParameterChange {
  name: string;
  trained: boolean;
  /** Largest absolute difference of any element. */
  largest: number;
}

export interface Engine {
  /** Counts optimizer steps; a sample carries the version that it was drawn from. */
  readonly weightsVersion: number;
  /** Longest sequence, prompt and completion together, in tokens. */
  readonly contextLength: number;
  /** Number of token ids; valid ids are 0 to vocabularySize - 1. */
  readonly vocabularySize: number;
  /** Token ids that end a completion where `stopTokens` does not say otherwise. */
  readonly endTokens: readonly number[];
  /**
   * Largest difference of a token's log-probability between sampling and training that rounding alone explains. Larger where activations are
   * rounded to 8 bits, because a difference in the last bit of one can flip the rounding of another.
   */
  readonly logprobTolerance: number;
  /** `onCompletion` is called as each completion ends, in the order in which they end. Result: one list per request, in order. */
  sample(
    requests: readonly SampleRequest[],
    params: SamplingParams,
    onCompletion?: (request: number, index: number, completion: Completion) => void,
  ): Promise<Completion[][]>;
  /**
   * One completion, for servers and agents; any number may be under way, and they decode together. After an optimizer step those under way
   * go on with the new weights; `weightsVersion` is that of the first token, the oldest.
   */
  generate(request: GenerateRequest): Promise<Generation>;
  /** Adds the gradient of the batch to what has accumulated since the last `optimStep`. The same gradient however the batch is cut. */
  forwardBackward(batch: readonly Datum[], loss: LossFunction, options?: { temperature?: number }): Promise<ForwardBackwardResult>;
  /** Log-probabilities only; no gradient. */
  forward(batch: readonly Datum[], options?: { temperature?: number; reference?: boolean }): Promise<Float32Array[]>;
  /** AdamW on what accumulated, then forgets it. */
  optimStep(params: OptimParams): Promise<OptimResult>;
  /** How far each parameter is from where it was when the engine was made or loaded. */
  parameterChanges(): ParameterChange[];
  /** Writes weights (Hugging Face layout) and optimizer state into `directory`, which must exist. */
  save(directory: string): Promise<void>;
  /** Reads back what `save` wrote. */
  load(directory: string): Promise<void>;
  release(): Promise<void>;
}
