/**
 * Reads the contexts of generations into keys and values, a piece at a time, so that rows under way need not wait for a long prompt. The runtime's
 * kernel continues only one row at once, so several contexts are read together only from their start and in one piece.
 */
import { KeyValueCache } from './key-value-cache.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { PrefillRunner } from './prefill-runner.ts';
import type { SequenceGraphOptions } from './training-graph.ts';

/** Pieces are padded to a multiple of this, and capacities are powers of two, so that few shapes occur. */
const PIECE_STEP = 8;
const LEAST_CAPACITY = 32;

export class ContextReader {
  readonly #cache: KeyValueCache;
  readonly #runner: PrefillRunner;
  #contexts: readonly (readonly number[])[] = [];
  /** Positions that are read. */
  #read = 0;

  constructor(runtime: Runtime, options: SequenceGraphOptions, runner: PrefillRunner) {
    this.#cache = new KeyValueCache(runtime, options.config, 1, LEAST_CAPACITY);
    this.#runner = runner;
  }

  /** Begins with contexts of at least one token; `from` positions of the only one are put in by `putPrefix`. */
  start(contexts: readonly (readonly number[])[], from = 0, putPrefix?: (cache: KeyValueCache) => void): void {
    this.#contexts = contexts;
    this.#read = from;
    this.#runner.forgetBinding();
    this.#cache.arrange(contexts.length, powerOfTwo(this.#length + PIECE_STEP));
    putPrefix?.(this.#cache);
  }

  get done(): boolean {
    return this.#read >= this.#length;
  }

  /** Reads the next piece: several contexts whole, of a single one about `limit` tokens. Returns how many it read. */
  async readPiece(limit: number): Promise<number> {
    const rest = this.#contexts.length > 1 ? this.#length : Math.min(this.#length - this.#read, Math.max(PIECE_STEP, limit));
    const fresh = Math.ceil(rest / PIECE_STEP) * PIECE_STEP;
    await this.#runner.run(this.#cache, this.#contexts, this.#read, fresh);
    this.#read += rest;
    return fresh * this.#contexts.length;
  }

  /** Copies the keys and values of context `index`. */
  copyInto(cache: KeyValueCache, row: number, index: number): void {
    cache.copyRow(this.#cache, index, row, this.#contexts[index]?.length ?? 0);
  }

  get #length(): number {
    return this.#contexts.reduce((most, { length }) => Math.max(most, length), 0);
  }

  release(): void {
    this.#cache.release();
  }
}

/** The smallest capacity that is enough. */
export function powerOfTwo(length: number): number {
  let capacity = LEAST_CAPACITY;
  while (capacity < length) capacity *= 2;
  return capacity;
}
