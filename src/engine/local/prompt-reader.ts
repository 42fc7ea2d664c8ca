/** Reads prompts ahead of their completions, many at a time, and hands out their keys and values: once a prompt, however many rows use it. */
import { compilePrefill } from './decode-graph.ts';
import { KeyValueCache } from './key-value-cache.ts';
import { openSession, pick } from './open-session.ts';
import type { BoundRun } from '../../runtime/bound-run.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Session } from '../../runtime/session.ts';
import type { Storage, TensorValue } from '../../runtime/storage.ts';
import type { SequenceGraphOptions } from './training-graph.ts';

/** Prompts that are read in one run. */
const BATCH = 16;
/** Cache capacity is a multiple of this, so that few shapes occur. */
const CAPACITY_STEP = 32;

interface PromptBuffers {
  tokens: Storage<'int64'>;
  positions: Storage<'int64'>;
  last: Storage<'int32'>;
  longest: Storage<'int32'>;
}

export class PromptReader {
  readonly #runtime: Runtime;
  readonly #options: SequenceGraphOptions;
  readonly #shared: Readonly<Record<string, TensorValue>>;
  /** Made at the first use, when the weights are there: see `openSession`. */
  #session: Session | undefined;
  #cache: KeyValueCache | undefined;
  #buffers: PromptBuffers | undefined;
  /** Rows of the cache by the prompt that they hold. */
  #rows = new Map<readonly number[], number>();
  #run: { key: string; bound: BoundRun } | undefined;

  /** `shared`: the values of parameters and rotary tables. */
  constructor(runtime: Runtime, options: SequenceGraphOptions, shared: Readonly<Record<string, TensorValue>>) {
    this.#runtime = runtime;
    this.#options = options;
    this.#shared = shared;
  }

  /** Forgets what was read, for example because the weights have changed. */
  forget(): void {
    this.#rows.clear();
  }

  has(prompt: readonly number[]): boolean {
    return this.#rows.has(prompt);
  }

  /** Copies the keys and values of all of the prompt but its last token, which the first decoding step reads. */
  copyInto(cache: KeyValueCache, row: number, prompt: readonly number[]): void {
    const from = this.#rows.get(prompt);
    if (from === undefined || !this.#cache) throw new Error('the prompt was not read');
    cache.copyRow(this.#cache, from, row, prompt.length - 1);
  }

  /** Reads up to a batch of the prompts, in order; earlier ones are forgotten. Prompts are told apart by identity. */
  async read(prompts: Iterable<readonly number[]>): Promise<void> {
    const batch: (readonly number[])[] = [];
    for (const prompt of prompts) {
      if (batch.length === BATCH) break;
      if (prompt.length > 1 && !batch.includes(prompt)) batch.push(prompt);
    }
    this.#rows.clear();
    if (batch.length === 0) return;
    const fresh = Math.max(...batch.map((prompt) => prompt.length - 1));
    const { cache, buffers } = this.#reserve(fresh);
    buffers.tokens.data.fill(0n);
    batch.forEach((prompt, row) => {
      for (let i = 0; i < fresh; i++) {
        buffers.tokens.data[row * fresh + i] = BigInt(prompt[Math.min(i, prompt.length - 2)] ?? 0);
        buffers.positions.data[row * fresh + i] = BigInt(i);
      }
      buffers.last.data[row] = prompt.length - 2;
    });
    buffers.longest.data[0] = fresh;
    await this.#bind(cache, buffers, batch.length, fresh).run();
    this.#rows = new Map(batch.map((prompt, row) => [prompt, row]));
  }

  #reserve(fresh: number) {
    if (this.#cache && this.#buffers && this.#cache.capacity >= fresh) return { cache: this.#cache, buffers: this.#buffers };
    this.#releaseBuffers();
    const capacity = Math.ceil(fresh / CAPACITY_STEP) * CAPACITY_STEP;
    const cache = new KeyValueCache(this.#runtime, this.#options.config, BATCH, capacity);
    const buffers = {
      tokens: this.#runtime.allocate('int64', [BATCH, capacity]),
      positions: this.#runtime.allocate('int64', [BATCH, capacity]),
      last: this.#runtime.allocate('int32', [BATCH]),
      longest: this.#runtime.allocate('int32', [1]),
    };
    this.#cache = cache;
    this.#buffers = buffers;
    return { cache, buffers };
  }

  #bind(cache: KeyValueCache, buffers: PromptBuffers, rows: number, fresh: number): BoundRun {
    const key = `${rows} ${fresh}`;
    if (this.#run?.key === key) return this.#run.bound;
    this.#run?.bound.release();
    const caches = cache.bindings(rows);
    const own = {
      tokens: buffers.tokens.value([rows, fresh]),
      positions: buffers.positions.value([rows, fresh]),
      last: buffers.last.value([rows]),
      longest: buffers.longest.value([1]),
    };
    const available: Record<string, TensorValue> = { ...this.#shared, ...caches.inputs, ...own };
    this.#session ??= openSession(this.#runtime, compilePrefill(this.#options), this.#shared, 'prefill');
    const bound = this.#session.bind(pick(available, this.#session.inputNames), caches.outputs);
    this.#run = { key, bound };
    return bound;
  }

  #releaseBuffers(): void {
    this.#run?.bound.release();
    this.#run = undefined;
    this.#rows.clear();
    this.#cache?.release();
    for (const storage of Object.values<Storage>({ ...this.#buffers })) storage.release();
  }

  release(): void {
    this.#releaseBuffers();
    this.#session?.release();
  }
}
