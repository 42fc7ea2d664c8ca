/**
 * Compares r5 with the answers of Python's transformers, for every model that make_models.py wrote into a folder:
 *
 *     node conformance/compare.ts MODELS [--save]
 *
 * Prints one line of JSON a model and exits with 1 if any differs by more than the limits below. With `--save`, each model is also
 * written back by r5 into MODELS/<name>/saved, for check_saved.py to read with transformers.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalEngine } from '../src/engine/local/local-engine.ts';
import { R5Error } from '../src/error.ts';
import { mul, neg, sum } from '../src/tensor/index.ts';
import { logitsOf } from './logits.ts';
import { readReference, type Reference } from './reference.ts';
import type { Datum } from '../src/engine/engine.ts';
import type { LossFunction } from '../src/engine/loss.ts';

/** Largest absolute difference of a logit, and of a log-probability. */
const LOGIT_LIMIT = 1e-4;
/** Largest relative difference of a loss and of a gradient norm, which are sums of many rounded terms. */
const SUM_LIMIT = 1e-4;

interface Comparison {
  model: string;
  logits: number;
  logprobs: number;
  greedy: boolean;
  /** Relative differences. */
  loss: number;
  gradientNorm: number;
  lossAfterStep: number;
}

/** Minus the sum of the log-probabilities of all tokens but the first. */
const summedCrossEntropy: LossFunction = {
  name: 'summed-cross-entropy',
  inputs: [],
  build: ({ logprobs, mask }) => ({ loss: neg(sum(mul(logprobs, mask))) }),
};

async function compare(model: string, directory: string, save: boolean): Promise<Comparison> {
  const reference = await readReference(directory);
  const logits = await logitsOf(directory, reference.input_ids);
  const expected = reference.logits.map((sequence) => sequence.flat());
  const engine = await LocalEngine.open(directory);
  try {
    if (save) await engine.exportModel(join(directory, 'saved'));
    const batch: Datum[] = reference.input_ids.map((tokens) => ({ tokens, inputs: {} }));
    const logprobs = await engine.forward(batch);
    const greedy = await continueGreedily(engine, reference);
    const before = await engine.forwardBackward(batch, summedCrossEntropy);
    const { gradientNorm } = await engine.optimStep({ learningRate: 1e-3 });
    const after = await engine.forwardBackward(batch, summedCrossEntropy);
    return {
      model,
      logits: largestOf(logits.map((values, i) => largestDifference(values, expected[i] ?? []))),
      logprobs: largestOf(logprobs.map((values, i) => largestDifference(values, expectedLogprobs(reference, i)))),
      greedy: greedy.join() === reference.greedy.join(),
      loss: relativeDifference(before.loss, reference.loss),
      gradientNorm: relativeDifference(gradientNorm, reference.gradient_norm),
      lossAfterStep: relativeDifference(after.loss, reference.loss_after_step),
    };
  } finally {
    await engine.release();
  }
}

/** As many of the likeliest tokens after the first sequence as the reference has; end tokens do not end it. */
async function continueGreedily(engine: LocalEngine, { input_ids, greedy }: Reference): Promise<number[]> {
  const [prompt = []] = input_ids;
  const params = { maxTokens: greedy.length, temperature: 0, stopTokens: [] };
  const [completions = []] = await engine.sample([{ prompt }], params);
  return completions[0]?.tokens ?? [];
}

/** Log-probabilities of tokens 1.. of a sequence, from the reference's logits in double precision. */
function expectedLogprobs({ input_ids, logits }: Reference, sequence: number): number[] {
  const following = input_ids[sequence]?.slice(1) ?? [];
  return following.map((token, i) => {
    const row = logits[sequence]?.[i] ?? [];
    const highest = Math.max(...row);
    const total = row.reduce((partial, logit) => partial + Math.exp(logit - highest), 0);
    return (row[token] ?? NaN) - highest - Math.log(total);
  });
}

/** NaN when the lengths differ or a value is NaN, so that neither can pass for agreement. */
function largestDifference(values: Float32Array, expected: readonly number[]): number {
  if (values.length !== expected.length) return NaN;
  return largestOf(expected.map((value, i) => Math.abs(value - (values[i] ?? NaN))));
}

function largestOf(values: readonly number[]): number {
  return values.length === 0 ? NaN : Math.max(...values);
}

function relativeDifference(value: number, expected: number): number {
  return Math.abs(value - expected) / Math.abs(expected);
}

function agrees({ logits, logprobs, greedy, loss, gradientNorm, lossAfterStep }: Comparison): boolean {
  const close = logits <= LOGIT_LIMIT && logprobs <= LOGIT_LIMIT;
  return close && greedy && loss <= SUM_LIMIT && gradientNorm <= SUM_LIMIT && lossAfterStep <= SUM_LIMIT;
}

const [folder, ...flags] = process.argv.slice(2);
if (folder === undefined || flags.some((flag) => flag !== '--save')) {
  console.error('usage: node conformance/compare.ts MODELS [--save]');
  process.exit(2);
}
const entries = await readdir(folder, { withFileTypes: true });
const models = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name).toSorted();
if (models.length === 0) {
  console.error(`${folder} holds no models; make some with conformance/make_models.py`);
  process.exit(2);
}
for (const model of models) {
  try {
    const comparison = await compare(model, join(folder, model), flags.includes('--save'));
    const ok = agrees(comparison);
    if (!ok) process.exitCode = 1;
    console.log(JSON.stringify({ ok, ...comparison }));
  } catch (error) {
    if (!(error instanceof R5Error)) throw error;
    process.exitCode = 1;
    console.log(JSON.stringify({ ok: false, model, error: error.message }));
  }
}
