/**
 * Generation for many callers at once: requests queue in order of arrival, up to `rows` of them decode in step, and each may draw in its own way.
 * All work is done in short steps, so that whoever owns the engine can do other work in between: see `LocalEngine`.
 */
import { R5Error } from '../../error.ts';
import { ContextReader, powerOfTwo } from './context-reader.ts';
import { compileDecodeLogits } from './decode-graph.ts';
import { checkHeadSize } from './decoder.ts';
import { GenerationRow } from './generation-row.ts';
import { floatsPerPosition, KeyValueCache } from './key-value-cache.ts';
import { openSession, pick } from './open-session.ts';
import { commonPrefix, PrefixCache } from './prefix-cache.ts';
import { RowDrawer } from './row-drawer.ts';
import { StepInputs } from './step-inputs.ts';
import type { BoundRun } from '../../runtime/bound-run.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Session } from '../../runtime/session.ts';
import type { Storage, TensorValue } from '../../runtime/storage.ts';
import type { Tokenizer } from '../../model/tokenizer.ts';
import type { GenerateRequest, Generation } from '../engine.ts';
import type { PrefillRunner } from './prefill-runner.ts';
import type { SequenceGraphOptions } from './training-graph.ts';

export interface GeneratorOptions extends SequenceGraphOptions {
  /** Most rows that decode together. */
  rows: number;
  /** Most bytes of keys and values, of rows under way and of earlier sequences together. */
  cacheBytes: number;
  /** Needed for stop strings only. */
  tokenizer: Tokenizer | undefined;
  /** Tokens of prompts that are read between two decoding steps. */
  pieceTokens: number;
}

/** A piece of fewer tokens takes nearly as long as one of so many, since it reads every weight all the same. */
const LEAST_PIECE = 32;
/** Contexts that are read in one run. */
const READ_AT_ONCE = 16;
/** How far down the queue is looked for contexts to read in one run. */
const LOOK_AHEAD = 64;
/** A shared beginning is worth more than reading many contexts at once from this many tokens on, or from this share of the context. */
const WORTH_TOKENS = 64;
const WORTH_SHARE = 1 / 3;

/** Where the keys and values of a context's beginning are. */
interface Found {
  length: number;
  putInto: (cache: KeyValueCache, row: number) => void;
}

export class Generator {
  readonly #runtime: Runtime;
  readonly #options: GeneratorOptions;
  readonly #shared: Readonly<Record<string, TensorValue>>;
  readonly #prefill: PrefillRunner;
  /** In order of arrival. */
  readonly #queue: GenerationRow[] = [];
  /** Their contexts are being read. */
  #reading: GenerationRow[] = [];
  /** Row i decodes in row i of the cache. */
  readonly #rows: GenerationRow[] = [];
  readonly #prefixes: PrefixCache;
  readonly #drawer: RowDrawer;
  #memory: { cache: KeyValueCache; reader: ContextReader; inputs: StepInputs; logits: Storage<'float32'> } | undefined;
  #session: Session | undefined;
  #runs = new Map<number, BoundRun>();
  #released = false;

  /** `shared`: the values of parameters and rotary tables. */
  constructor(runtime: Runtime, options: GeneratorOptions, shared: Readonly<Record<string, TensorValue>>, prefill: PrefillRunner) {
    this.#runtime = runtime;
    this.#options = options;
    this.#shared = shared;
    this.#prefill = prefill;
    this.#prefixes = new PrefixCache(options.cacheBytes);
    this.#drawer = new RowDrawer(runtime, { rows: options.rows, vocabularySize: options.config.vocabularySize });
  }

  /** Whether there is anything to do. */
  get busy(): boolean {
    return this.#queue.length + this.#reading.length + this.#rows.length > 0;
  }

  /** Queues a request. `version` is stamped on it when it ends before its first token. Throws R5Error for a request that cannot be. */
  add(request: GenerateRequest, version: () => number): Promise<Generation> {
    if (this.#released) throw new R5Error('The engine was released and generates no more.');
    const { config, contextLength, tokenizer } = this.#options;
    checkHeadSize(config.headSize);
    const row = new GenerationRow(request, { contextLength, vocabularySize: config.vocabularySize, endTokens: config.endTokens, tokenizer });
    row.settings.candidates = this.#drawer.firstCandidates(row.settings.topK);
    const { signal } = request;
    if (signal?.aborted) {
      row.abort(version());
      return row.result;
    }
    if (signal) {
      const abort = (): void => row.abort(version());
      signal.addEventListener('abort', abort, { once: true });
      const settled = (): void => signal.removeEventListener('abort', abort);
      row.result.then(settled, settled);
    }
    this.#queue.push(row);
    return row.result;
  }

  /** Reads some of the contexts that wait, then decodes one token of every row. An error of the runtime ends what is under way with it. */
  async step(version: number): Promise<void> {
    try {
      await this.#read();
      await this.#decode(version);
    } catch (error) {
      const underWay = [...this.#reading, ...this.#rows];
      this.#reading = [];
      this.#rows.length = 0;
      for (const row of underWay.length > 0 ? underWay : this.#queue.splice(0)) row.fail(error);
    }
  }

  /** Forgets all keys and values, because the weights have changed: rows under way have their contexts read anew. */
  forget(): void {
    this.#prefixes.forget();
    this.#queue.unshift(...this.#rows, ...this.#reading);
    this.#rows.length = 0;
    this.#reading = [];
  }

  async #read(): Promise<void> {
    this.#dropEnded();
    let budget = this.#options.pieceTokens;
    while (budget >= LEAST_PIECE) {
      if (this.#reading.length === 0 && !this.#admit()) return;
      if (this.#reading.length === 0) continue;
      const { cache, reader } = this.#reserve();
      budget -= await reader.readPiece(budget);
      if (!reader.done) continue;
      const read = this.#reading;
      this.#reading = [];
      read.forEach((row, i) => {
        if (row.ended) return;
        if (!this.#makeRoom(this.#rows.length + 1, row.context.length)) {
          this.#queue.unshift(row);
          return;
        }
        reader.copyInto(cache, this.#rows.length, i);
        this.#rows.push(row);
      });
    }
  }

  /** Takes the next from the queue: into a row at once where its context is there already, else to be read. False when none can be taken. */
  #admit(): boolean {
    while (this.#queue[0]?.ended) this.#queue.shift();
    const [next] = this.#queue;
    if (!next || !this.#makeRoom(this.#rows.length + 1, next.context.length)) return false;
    const { cache, reader } = this.#reserve();
    const context = next.context.slice(0, -1);
    const found = this.#find(context);
    next.admitted(found?.length ?? 0);
    if (!found) {
      this.#reading = this.#gather();
      if (next.position === 0) this.#rows.push(...this.#reading.splice(0));
      else reader.start(this.#reading.map((row) => row.context.slice(0, -1)));
      return true;
    }
    this.#queue.shift();
    if (found.length === context.length) {
      found.putInto(cache, this.#rows.length);
      this.#rows.push(next);
    } else {
      this.#reading = [next];
      reader.start([context], found.length, (staging) => found.putInto(staging, 0));
    }
    return true;
  }

  /** The first of the queue and others that can be read with it in one piece. Those that begin like one of them wait: they can copy it soon. */
  #gather(): GenerationRow[] {
    const batch: GenerationRow[] = [];
    const contexts: number[][] = [];
    let longest = 0;
    for (let i = 0; i < Math.min(this.#queue.length, LOOK_AHEAD) && batch.length < READ_AT_ONCE; i++) {
      const row = this.#queue[i];
      if (!row || row.ended) continue;
      const context = row.context.slice(0, -1);
      const most = Math.max(longest, context.length);
      if (batch.length > 0) {
        const alone = context.length === 0 || most * (batch.length + 1) > this.#options.pieceTokens || longest === 0;
        const alike = contexts.some((other) => isWorth(commonPrefix(other, context), context.length));
        if (alone || alike || this.#find(context)) continue;
        if (!this.#makeRoom(this.#rows.length + batch.length + 1, most + 1)) break;
        row.admitted(0);
      }
      batch.push(row);
      contexts.push(context);
      longest = most;
    }
    const taken = new Set(batch);
    const rest = this.#queue.filter((row) => !taken.has(row));
    this.#queue.splice(0, this.#queue.length, ...rest);
    return batch;
  }

  /** The longest beginning of the context whose keys and values are in a row or were kept, when that is worth taking over. */
  #find(context: readonly number[]): Found | undefined {
    let source = -1;
    let length = 0;
    this.#rows.forEach((row, i) => {
      const common = Math.min(commonPrefix(row.context, context), row.position);
      if (common > length) [source, length] = [i, common];
    });
    const kept = length < context.length ? this.#prefixes.longest(context) : undefined;
    if (kept && kept.length > length) {
      if (!isWorth(kept.length, context.length)) return undefined;
      return { length: kept.length, putInto: (cache, row) => cache.putIn(row, kept.packed, kept.packedLength, kept.length) };
    }
    if (source < 0 || !isWorth(length, context.length)) return undefined;
    return { length, putInto: (cache, row) => cache.copyRow(this.#reserve().cache, source, row, length) };
  }

  async #decode(version: number): Promise<void> {
    this.#growForNextToken();
    const rows = this.#rows;
    if (rows.length === 0) return;
    const { inputs, logits, cache } = this.#reserve();
    inputs.write(rows);
    const step = this.#bind(cache, rows.length).run();
    // While the model runs on other threads the constraints work here.
    rows.forEach((row, i) => row.prepare(row.settings.constrained ? () => this.#drawer.maskOf(i) : undefined));
    await step;
    const drawn = await this.#drawer.draw(rows, logits.value([rows.length, this.#options.config.vocabularySize]));
    rows.forEach((row, i) => {
      const token = drawn[i];
      if (token) row.take(token, version);
    });
    this.#dropEnded();
  }

  /** Rows that have ended leave their keys and values to later prompts, and the last rows move into their places. */
  #dropEnded(): void {
    for (let i = this.#rows.length - 1; i >= 0; i--) if (this.#rows[i]?.ended) this.#vacate(i);
  }

  /** Keeps what a row's keys and values are good for, and closes the gap. */
  #vacate(index: number): void {
    const row = this.#rows[index];
    const last = this.#rows.pop();
    if (!row || !last) return;
    const { cache } = this.#reserve();
    this.#keep(cache, index, row);
    if (row === last) return;
    cache.copyRow(cache, this.#rows.length, index, last.position);
    this.#rows[index] = last;
  }

  #keep(cache: KeyValueCache, index: number, row: GenerationRow): void {
    // The token drawn last was not read; a row that ends as it is admitted has all the same only what was read.
    const tokens = row.context.slice(0, -1);
    if (tokens.length === 0 || !this.#prefixes.fits(4 * tokens.length * floatsPerPosition(this.#options.config)) || this.#prefixes.holds(tokens)) return;
    this.#prefixes.keep(tokens, cache.takeOut(index, tokens.length));
  }

  /** Before a step each row needs a place for one more position. Where memory does not allow that, the youngest rows go back to the queue. */
  #growForNextToken(): void {
    for (;;) {
      const longest = this.#rows.reduce((most, { position }) => Math.max(most, position + 1), 0);
      if (this.#rows.length === 0 || this.#makeRoom(this.#rows.length, longest)) return;
      const row = this.#rows[this.#rows.length - 1];
      if (!row) return;
      this.#vacate(this.#rows.length - 1);
      this.#queue.unshift(row);
    }
  }

  /** Makes the cache large enough for rows of a length beside those that are there. False when there may not be so many. */
  #makeRoom(rows: number, length: number): boolean {
    if (rows > this.#options.rows) return false;
    const { cache } = this.#reserve();
    const longest = this.#rows.reduce((most, { position }) => Math.max(most, position + 1), length);
    if (rows <= cache.rows && longest <= cache.capacity) return true;
    const needed = Math.min(powerOfTwo(longest), this.#options.contextLength);
    const larger = Math.max(needed, cache.capacity);
    // One long sequence makes every row long; once it is gone, rows may be shorter where there can be more of them for that.
    const capacity = rows <= this.#mostRows(larger) ? larger : needed;
    if (rows > this.#mostRows(capacity)) return false;
    this.#resize(cache, rows, capacity);
    return true;
  }

  #mostRows(capacity: number): number {
    return Math.max(1, Math.floor(this.#options.cacheBytes / (4 * floatsPerPosition(this.#options.config) * capacity)));
  }

  #resize(cache: KeyValueCache, rows: number, capacity: number): void {
    for (const run of this.#runs.values()) run.release();
    this.#runs.clear();
    // Rows come in doubles, so that they are not moved at each arrival.
    const wanted = rows > cache.rows ? Math.max(rows, 2 * cache.rows) : cache.rows;
    cache.resize(Math.min(wanted, this.#mostRows(capacity), this.#options.rows), capacity, this.#rows.map(({ position }) => position));
    this.#prefixes.limit = Math.max(0, this.#options.cacheBytes - cache.bytes);
  }

  #reserve() {
    if (this.#memory) return this.#memory;
    const { config, rows } = this.#options;
    this.#memory = {
      cache: new KeyValueCache(this.#runtime, config, 1, powerOfTwo(1)),
      reader: new ContextReader(this.#runtime, this.#options, this.#prefill),
      inputs: new StepInputs(this.#runtime, rows),
      logits: this.#runtime.allocate('float32', [rows, config.vocabularySize]),
    };
    return this.#memory;
  }

  #bind(cache: KeyValueCache, rows: number): BoundRun {
    const known = this.#runs.get(rows);
    if (known) return known;
    this.#session ??= openSession(this.#runtime, compileDecodeLogits(this.#options), this.#shared, 'decode');
    const { inputs, logits } = this.#reserve();
    const caches = cache.bindings(rows);
    const available = { ...this.#shared, ...caches.inputs, ...inputs.values(rows) };
    const outputs = { ...caches.outputs, logits: logits.value([rows, this.#options.config.vocabularySize]) };
    const run = this.#session.bind(pick(available, this.#session.inputNames), outputs);
    this.#runs.set(rows, run);
    return run;
  }

  /** Ends what is under way with an error, and gives the memory back. */
  release(error: Error): void {
    this.#released = true;
    for (const row of [...this.#rows, ...this.#reading, ...this.#queue]) row.fail(error);
    this.#rows.length = 0;
    this.#reading = [];
    this.#queue.length = 0;
    this.#prefixes.forget();
    for (const run of this.#runs.values()) run.release();
    this.#session?.release();
    this.#drawer.release();
    this.#memory?.cache.release();
    this.#memory?.reader.release();
    this.#memory?.inputs.release();
    this.#memory?.logits.release();
  }
}

/** Whether to take over a shared beginning, for which the rest is read by itself. */
function isWorth(length: number, whole: number): boolean {
  return length > 0 && (length >= WORTH_TOKENS || length >= whole * WORTH_SHARE);
}
