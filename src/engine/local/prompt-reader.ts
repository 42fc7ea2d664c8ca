/** Reads prompts ahead of their completions, many at a time, and hands out their keys and values: once a prompt, however many rows use it. */
import { KeyValueCache } from './key-value-cache.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { PrefillRunner } from './prefill-runner.ts';
import type { SequenceGraphOptions } from './training-graph.ts';

/** Prompts that are read in one run. */
const BATCH = 16;
/** Cache capacity is a multiple of this, so that few shapes occur. */
const CAPACITY_STEP = 32;

export class PromptReader {
  readonly #runtime: Runtime;
  readonly #options: SequenceGraphOptions;
  readonly #runner: PrefillRunner;
  #cache: KeyValueCache | undefined;
  /** Rows of the cache by the prompt that they hold. */
  #rows = new Map<readonly number[], number>();

  constructor(runtime: Runtime, options: SequenceGraphOptions, runner: PrefillRunner) {
    this.#runtime = runtime;
    this.#options = options;
    this.#runner = runner;
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
    await this.#runner.run(this.#reserve(fresh), batch.map((prompt) => prompt.slice(0, -1)), 0, fresh);
    this.#rows = new Map(batch.map((prompt, row) => [prompt, row]));
  }

  #reserve(fresh: number): KeyValueCache {
    if (this.#cache && this.#cache.capacity >= fresh) return this.#cache;
    this.#runner.forgetBinding();
    this.#cache?.release();
    this.#cache = new KeyValueCache(this.#runtime, this.#options.config, BATCH, Math.ceil(fresh / CAPACITY_STEP) * CAPACITY_STEP);
    return this.#cache;
  }

  release(): void {
    this.#cache?.release();
  }
}
