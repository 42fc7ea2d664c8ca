/** Small models with random weights for tests: as files, as an open engine, and as the parts of one whose buffers can be read. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Random } from '../../random.ts';
import { saveCheckpoint, type Parameter as ParameterValue } from '../../model/checkpoint.ts';
import { trainBytePair } from '../../model/byte-pair-training.ts';
import { randomParameters, tinyConfig } from '../../model/tiny-model.fixture.ts';
import { saveTokenizer } from '../../model/tokenizer-files.ts';
import { Runtime } from '../../runtime/runtime.ts';
import { mul, neg, sum } from '../../tensor/index.ts';
import { LocalEngine, type LocalEngineOptions } from './local-engine.ts';
import { weightValues } from './graph-weights.ts';
import { ropeValues } from './model-graph.ts';
import { Parameters } from './parameters.ts';
import { SequenceRunner } from './sequence-runner.ts';
import { transposeInto } from '../../model/transpose.ts';
import type { WeightFormat } from '../../model/weight-format.ts';
import type { LoraOptions } from '../../model/lora.ts';
import type { ModelConfig, ModelFamily } from '../../model/config.ts';
import type { Datum } from '../engine.ts';
import type { LossFunction } from '../loss.ts';

/** Has the 256 bytes and a few words. */
const tokenizerModel = trainBytePair(['the answer is the number that the other numbers reach', 'then the end'], {
  vocabularySize: 290,
  specialTokens: ['<|end|>'],
  alwaysMerge: ['the', ' the', ' answer', 'number'],
});

/** Tokens that the tokenizer of `writeTinyModel` has; the models' vocabulary is larger unless a test asks for this one. */
export const tokenizerSize = tokenizerModel.vocabulary.size;

/** An empty folder that is removed when the test ends. */
export function testFolder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'r5-engine-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/**
 * Weights with which a model of `tinyConfig` has clear preferences, but depends on its weights smoothly: with larger ones, differences in
 * rounding between two ways to compute the same grow beyond what a test can tell from a defect.
 */
export function clearParameters(config: ModelConfig, seed = 1): ParameterValue[] {
  const scaled = (name: string, x: number): number => {
    if (name.endsWith('norm.weight')) return 1 + 0.3 * x;
    if (name.endsWith('.bias')) return 0.5 * x;
    return (/embed|lm_head/.test(name) ? 0.5 : 0.25) * x;
  };
  return randomParameters(config, seed).map(({ name, shape, data }) => ({ name, shape, data: data.map((x) => scaled(name, x)) }));
}

export interface TinyEngineOptions extends LocalEngineOptions {
  family?: ModelFamily;
  /** Overrides fields of config.json. */
  change?: Record<string, unknown>;
  weightsSeed?: number;
}

/** Writes a model directory with a byte-pair tokenizer; the model has 300 tokens, and heads of a size that decoding has a kernel for. */
export async function writeTinyModel(directory: string, { family = 'llama', change = {}, weightsSeed = 1 }: TinyEngineOptions = {}): Promise<void> {
  const config = tinyConfig(family, { vocab_size: 300, head_dim: 8, ...change });
  await saveCheckpoint(directory, config, clearParameters(config, weightsSeed));
  await saveTokenizer(directory, tokenizerModel, { roles: { end: '<|end|>' } });
}

/** Opens such a model; it is released when the test ends. */
export async function openTinyEngine(options: TinyEngineOptions = {}): Promise<LocalEngine> {
  const directory = testFolder();
  await writeTinyModel(directory, options);
  const engine = await LocalEngine.open(directory, { threads: 1, ...options });
  onTestFinished(() => engine.release());
  return engine;
}

export interface TinyParts {
  runtime: Runtime;
  parameters: Parameters;
  sequences: SequenceRunner;
}

/** What an engine trains with; released when the test ends. */
export function openTinyParts(config: ModelConfig, options: { microBatchTokens?: number; lora?: LoraOptions; seed?: number; recompute?: boolean; format?: WeightFormat } = {}): TinyParts {
  const { microBatchTokens = 2048, lora, seed = 1, recompute = false, format = 'f32' } = options;
  const runtime = Runtime.open({ threads: 1 });
  onTestFinished(() => runtime.release());
  const parameters = new Parameters(runtime, config, { lora, seed, format });
  for (const { name, shape, data } of clearParameters(config, seed)) setParameter(parameters, name, shape, data);
  const { contextLength } = config;
  const shared = { ...ropeValues(runtime, config, contextLength), ...weightValues(parameters) };
  return { runtime, parameters, sequences: new SequenceRunner(runtime, { config, parameters, lora, contextLength, microBatchTokens, recompute }, shared) };
}

function setParameter(parameters: Parameters, name: string, [rows = 0, columns = 0]: readonly number[], data: Float32Array): void {
  const target = parameters.target(name);
  if (typeof target !== 'function') return target.set(data);
  // Embeddings lie in files as in memory, other matrices the other way round.
  const stored = new Float32Array(data.length);
  if (/embed_tokens|lm_head/.test(name)) stored.set(data);
  else transposeInto(data, rows, columns, stored);
  target(stored);
}

/** -sum w logp. */
export const weightedLogprob: LossFunction = {
  name: 'weighted logprob',
  inputs: ['weights'],
  build: ({ logprobs, input }) => ({ loss: neg(sum(mul(logprobs, input('weights')))) }),
};

/** Random sequences of the given lengths (in tokens) with normal `weights`. */
export function randomData(lengths: readonly number[], vocabularySize: number, seed = 1): Datum[] {
  const random = new Random(seed);
  return lengths.map((length) => ({
    tokens: randomTokens(length, vocabularySize, random),
    inputs: { weights: Float32Array.from({ length: length - 1 }, () => random.normal()) },
  }));
}

export function randomTokens(length: number, vocabularySize: number, random: Random): number[] {
  return Array.from({ length }, () => random.integer(0, vocabularySize - 1));
}

/** Largest absolute difference; NaN when the lengths differ or a value is NaN, so that neither can pass for agreement. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return NaN;
  return Array.from(a).reduce((largest, x, i) => Math.max(largest, Math.abs(x - (b[i] ?? NaN))), 0);
}
