/** Runs the graph that reads tokens into a key-value cache without drawing anything. */
import { compilePrefill } from './decode-graph.ts';
import { openSession, pick } from './open-session.ts';
import type { BoundRun } from '../../runtime/bound-run.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Session } from '../../runtime/session.ts';
import type { Storage, TensorValue } from '../../runtime/storage.ts';
import type { KeyValueCache } from './key-value-cache.ts';
import type { SequenceGraphOptions } from './training-graph.ts';

interface PrefillBuffers {
  tokens: Storage<'int64'>;
  positions: Storage<'int64'>;
  last: Storage<'int32'>;
  longest: Storage<'int32'>;
}

export class PrefillRunner {
  readonly #runtime: Runtime;
  readonly #options: SequenceGraphOptions;
  readonly #shared: Readonly<Record<string, TensorValue>>;
  /** Made at the first use, when the weights are there: see `openSession`. */
  #session: Session | undefined;
  #buffers: PrefillBuffers | undefined;
  #run: { key: string; cache: KeyValueCache; bound: BoundRun } | undefined;

  /** `shared`: the values of parameters and rotary tables. */
  constructor(runtime: Runtime, options: SequenceGraphOptions, shared: Readonly<Record<string, TensorValue>>) {
    this.#runtime = runtime;
    this.#options = options;
    this.#shared = shared;
  }

  /**
   * Reads `fresh` tokens from position `from` on, context i into row i of the cache. Contexts that end earlier are padded, and what the padding
   * leaves behind their ends is never looked at. With `from` above 0 there is one context: the runtime's kernel continues no more at once.
   */
  async run(cache: KeyValueCache, contexts: readonly (readonly number[])[], from: number, fresh: number): Promise<void> {
    const rows = contexts.length;
    const buffers = this.#reserve(rows, fresh);
    const lastPosition = this.#options.contextLength - 1;
    contexts.forEach((context, row) => {
      for (let i = 0; i < fresh; i++) {
        buffers.tokens.data[row * fresh + i] = BigInt(context[Math.min(from + i, context.length - 1)] ?? 0);
        buffers.positions.data[row * fresh + i] = BigInt(Math.min(from + i, lastPosition));
      }
      // A continued row counts its past back from here, so padding counts.
      buffers.last.data[row] = (from > 0 ? from + fresh : Math.min(context.length, fresh)) - 1;
    });
    buffers.longest.data[0] = from + fresh;
    await this.#bind(cache, buffers, rows, fresh).run();
  }

  /** To be called when the cache that was read into has other memory or sizes. */
  forgetBinding(): void {
    this.#run?.bound.release();
    this.#run = undefined;
  }

  #reserve(rows: number, fresh: number): PrefillBuffers {
    if (this.#buffers && this.#buffers.tokens.elements >= rows * fresh && this.#buffers.last.elements >= rows) return this.#buffers;
    this.#releaseBuffers();
    this.#buffers = {
      tokens: this.#runtime.allocate('int64', [rows, fresh]),
      positions: this.#runtime.allocate('int64', [rows, fresh]),
      last: this.#runtime.allocate('int32', [rows]),
      longest: this.#runtime.allocate('int32', [1]),
    };
    return this.#buffers;
  }

  #bind(cache: KeyValueCache, buffers: PrefillBuffers, rows: number, fresh: number): BoundRun {
    const key = `${rows} ${fresh}`;
    if (this.#run?.key === key && this.#run.cache === cache) return this.#run.bound;
    this.forgetBinding();
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
    this.#run = { key, cache, bound };
    return bound;
  }

  #releaseBuffers(): void {
    this.forgetBinding();
    for (const storage of Object.values<Storage>({ ...this.#buffers })) storage.release();
    this.#buffers = undefined;
  }

  release(): void {
    this.#releaseBuffers();
    this.#session?.release();
  }
}
