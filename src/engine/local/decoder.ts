/**
 * Sampling with continuous batching: a fixed number of rows decode in step; a row whose completion ends takes the next rollout from the
 * queue at once. When the queue is empty the rows that are left move together, so that the last steps do not pay for empty rows.
 */
import { R5Error } from '../../error.ts';
import { uniformAt } from '../../random.ts';
import { compileDecode } from './decode-graph.ts';
import type { DrawMethod } from './draw.ts';
import { KeyValueCache } from './key-value-cache.ts';
import { openSession, pick } from './open-session.ts';
import type { PrefillRunner } from './prefill-runner.ts';
import { PromptReader } from './prompt-reader.ts';
import { unrollRequests, type Rollout } from './rollout-queue.ts';
import type { BoundRun } from '../../runtime/bound-run.ts';
import type { Completion, SampleRequest, SamplingParams } from '../engine.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Session } from '../../runtime/session.ts';
import type { Storage, TensorValue } from '../../runtime/storage.ts';
import type { Between } from './between.ts';
import type { SequenceGraphOptions } from './training-graph.ts';
import type { Tokenizer } from '../../model/tokenizer.ts';
import { StepInputs } from './step-inputs.ts';
import { specialTokensAmong, StopStrings } from './stop-strings.ts';

const CAPACITY_STEP = 64;

export interface DecoderOptions extends SequenceGraphOptions {
  /** Rows that decode together. */
  rows: number;
  /** Needed for stop strings only. */
  tokenizer: Tokenizer | undefined;
  /** Called after each step. */
  between?: Between;
}

/** A rollout that is being decoded. */
interface Row {
  rollout: Rollout;
  /** The token that the next step reads, and its position. */
  token: number;
  position: number;
  completion: Completion;
  limit: number;
  stop: StopStrings | undefined;
}

type OnCompletion = (request: number, index: number, completion: Completion) => void;

export class Decoder {
  readonly #runtime: Runtime;
  readonly #options: DecoderOptions;
  readonly #shared: Readonly<Record<string, TensorValue>>;
  readonly #reader: PromptReader;
  readonly #sessions = new Map<string, Session>();
  readonly #inputs: StepInputs;
  readonly #buffers;
  #cache: KeyValueCache | undefined;
  #runs = new Map<string, BoundRun>();

  constructor(runtime: Runtime, options: DecoderOptions, shared: Readonly<Record<string, TensorValue>>, prefill: PrefillRunner) {
    this.#runtime = runtime;
    this.#options = options;
    this.#shared = shared;
    this.#reader = new PromptReader(runtime, options, prefill);
    const { rows } = options;
    this.#inputs = new StepInputs(runtime, rows);
    this.#buffers = {
      uniform: runtime.allocate('float32', [rows]),
      rowIndex: runtime.allocate('int64', [rows]),
      inverseTemperature: runtime.allocate('float32', [1]),
      topP: runtime.allocate('float32', [1]),
      minP: runtime.allocate('float32', [1]),
      next: runtime.allocate('int64', [rows]),
      logprob: runtime.allocate('float32', [rows]),
    };
    for (let row = 0; row < rows; row++) this.#buffers.rowIndex.data[row] = BigInt(row);
  }

  /** Completions per request, in order. `version` is stamped on each. */
  async sample(
    requests: readonly SampleRequest[],
    params: SamplingParams,
    defaults: { endTokens: readonly number[]; version: number },
    onCompletion?: OnCompletion,
  ): Promise<Completion[][]> {
    const { config, contextLength, tokenizer } = this.#options;
    checkHeadSize(config.headSize);
    const rollouts = unrollRequests(requests, params, { contextLength, vocabularySize: config.vocabularySize });
    const results: Completion[][] = requests.map(() => []);
    const stopTokens = new Set([...(params.stopTokens ?? defaults.endTokens), ...specialTokensAmong(params.stop ?? [], tokenizer)]);
    const method = drawMethod(params, config.vocabularySize);
    const longest = rollouts.reduce((most, { prompt }) => Math.max(most, prompt.length), 0);
    const cache = this.#reserve(Math.min(contextLength, longest + params.maxTokens), Math.min(this.#options.rows, rollouts.length));
    this.#reader.forget();
    this.#buffers.inverseTemperature.data[0] = 1 / (params.temperature || 1);
    this.#buffers.topP.data[0] = params.topP ?? 1;
    this.#buffers.minP.data[0] = params.minP ?? 0;

    const rows: Row[] = [];
    let queued = 0;
    const admit = async (slot: number): Promise<void> => {
      const rollout = rollouts[queued];
      if (!rollout) return;
      const { prompt } = rollout;
      if (prompt.length > 1 && !this.#reader.has(prompt)) await this.#reader.read(promptsFrom(rollouts, queued));
      if (prompt.length > 1) this.#reader.copyInto(cache, slot, prompt);
      queued++;
      rows[slot] = {
        rollout,
        token: prompt[prompt.length - 1] ?? 0,
        position: prompt.length - 1,
        completion: { tokens: [], logprobs: [], stopReason: 'length', weightsVersion: defaults.version },
        limit: Math.min(params.maxTokens, contextLength - prompt.length),
        stop: StopStrings.watch(params.stop, tokenizer),
      };
    };

    while (queued < rollouts.length || rows.length > 0) {
      while (rows.length < cache.rows && queued < rollouts.length) await admit(rows.length);
      const start = performance.now();
      await this.#step(cache, rows, method, params.seed ?? 0);
      const ended: number[] = [];
      rows.forEach((row, slot) => {
        if (!this.#advance(row, slot, stopTokens)) return;
        const { request, index } = row.rollout;
        const list = results[request];
        if (list) list[index] = row.completion;
        onCompletion?.(request, index, row.completion);
        ended.push(slot);
      });
      for (const slot of ended) await admit(slot);
      if (queued === rollouts.length) this.#closeGaps(cache, rows);
      await this.#options.between?.(performance.now() - start);
    }
    return results;
  }

  /** Runs one step for all rows; afterwards `next` and `logprob` hold its results. */
  async #step(cache: KeyValueCache, rows: readonly Row[], method: DrawMethod, seed: number): Promise<void> {
    const { uniform } = this.#buffers;
    this.#inputs.write(rows);
    rows.forEach(({ rollout, completion }, slot) => {
      uniform.data[slot] = method.kind === 'greedy' ? 0 : uniformAt(seed, rollout.name, completion.tokens.length);
    });
    await this.#bind(cache, rows.length, method).run();
  }

  /** Takes a row's drawn token in. True when its completion has ended. */
  #advance(row: Row, slot: number, stopTokens: ReadonlySet<number>): boolean {
    const { completion } = row;
    const token = Number(this.#buffers.next.data[slot]);
    completion.tokens.push(token);
    completion.logprobs.push(this.#buffers.logprob.data[slot] ?? NaN);
    row.token = token;
    row.position++;
    if (stopTokens.has(token) || row.stop?.push(token)) completion.stopReason = 'stop';
    return completion.stopReason === 'stop' || completion.tokens.length >= row.limit;
  }

  /** Drops rows that have ended, moving the last rows into the gaps. A few gaps are left alone: they cost less than moving does. */
  #closeGaps(cache: KeyValueCache, rows: Row[]): void {
    const ended = (row: Row | undefined): boolean =>
      row !== undefined && (row.completion.stopReason === 'stop' || row.completion.tokens.length >= row.limit);
    for (let slot = rows.length - 1; slot >= 0; slot--) {
      const lastRow = rows[rows.length - 1];
      if (!ended(rows[slot]) || !lastRow) continue;
      if (slot < rows.length - 1) {
        cache.copyRow(cache, rows.length - 1, slot, lastRow.position);
        rows[slot] = lastRow;
      }
      rows.pop();
    }
  }

  #reserve(length: number, rows: number): KeyValueCache {
    if (this.#cache && this.#cache.capacity >= length && this.#cache.rows >= rows) return this.#cache;
    for (const run of this.#runs.values()) run.release();
    this.#runs = new Map();
    const capacity = Math.max(this.#cache?.capacity ?? 0, Math.ceil(length / CAPACITY_STEP) * CAPACITY_STEP);
    const wanted = Math.max(this.#cache?.rows ?? 0, rows);
    this.#cache?.release();
    this.#cache = new KeyValueCache(this.#runtime, this.#options.config, wanted, capacity);
    return this.#cache;
  }

  #bind(cache: KeyValueCache, rows: number, method: DrawMethod): BoundRun {
    const kind = JSON.stringify(method);
    const key = `${rows} ${kind}`;
    const known = this.#runs.get(key);
    if (known) return known;
    let session = this.#sessions.get(kind);
    if (!session) {
      session = openSession(this.#runtime, compileDecode(this.#options, method), this.#shared, `decode (${method.kind})`);
      this.#sessions.set(kind, session);
    }
    const caches = cache.bindings(rows);
    const available = { ...this.#shared, ...caches.inputs, ...this.#inputValues(rows) };
    const { next, logprob } = this.#buffers;
    const run = session.bind(pick(available, session.inputNames), {
      ...caches.outputs,
      next: next.value([rows]),
      logprob: logprob.value([rows]),
    });
    this.#runs.set(key, run);
    return run;
  }

  #inputValues(rows: number): Record<string, TensorValue> {
    const { uniform, rowIndex, inverseTemperature, topP, minP } = this.#buffers;
    return {
      ...this.#inputs.values(rows),
      uniform: uniform.value([rows, 1]),
      rowIndex: rowIndex.value([rows]),
      inverseTemperature: inverseTemperature.value([1]),
      topP: topP.value([1]),
      minP: minP.value([1]),
    };
  }

  release(): void {
    for (const run of this.#runs.values()) run.release();
    for (const session of this.#sessions.values()) session.release();
    this.#cache?.release();
    this.#reader.release();
    this.#inputs.release();
    for (const storage of Object.values<Storage>(this.#buffers)) storage.release();
  }
}

/** The runtime's kernel for attention over a cache takes no others. */
export function checkHeadSize(size: number): void {
  if (size % 8 === 0) return;
  throw new R5Error(`The model's attention heads have size ${size} (head_dim in config.json); sampling needs a multiple of 8. Training does not.`);
}

function* promptsFrom(rollouts: readonly Rollout[], start: number): Generator<readonly number[]> {
  for (let i = start; i < rollouts.length; i++) {
    const rollout = rollouts[i];
    if (rollout) yield rollout.prompt;
  }
}

function drawMethod({ temperature = 1, topK = 0, topP = 1, minP = 0 }: SamplingParams, vocabularySize: number): DrawMethod {
  if (temperature === 0) return { kind: 'greedy' };
  const candidates = topK > 0 ? Math.min(topK, vocabularySize) : vocabularySize;
  return candidates === vocabularySize && topP === 1 && minP === 0 ? { kind: 'all' } : { kind: 'filtered', candidates };
}
