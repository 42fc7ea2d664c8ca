/**
 * Takes documents apart in threads of their own. A page or a PDF can be made so that its parser runs for hours, fills the memory or
 * overflows the stack; here that ends its thread and gives a reason, and the program goes on meanwhile.
 */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ReadableDocument } from '../readable-document.ts';
import { SourceError } from '../source-error.ts';
import { abortable } from './abortable.ts';
import type { ReadableType } from './media-type.ts';
import { Places } from './places.ts';
import { type ReadingReply, type ReadingRequest, readingReplySchema } from './reading-messages.ts';

export interface ReadingLimits {
  /** For one document, from the start of its thread's work. Default 20 s. */
  timeoutMs?: number;
  /** Of a thread's heap. Default 1024. */
  memoryMb?: number;
}

/** Threads at the same time; further documents wait their turn. */
const MOST_THREADS = 2;

const STACK_MB = 16;

export class ReadingThreads {
  readonly #limits: Required<ReadingLimits>;
  readonly #idle: Worker[] = [];
  readonly #places = new Places(MOST_THREADS);

  constructor({ timeoutMs = 20_000, memoryMb = 1024 }: ReadingLimits = {}) {
    this.#limits = { timeoutMs, memoryMb };
  }

  /**
   * The document in the bytes, its kind judged by them. Throws SourceError: `unreadable` for what cannot be read, or not within the limits of
   * time and memory; `too-large`. Throws the signal's reason when it is aborted.
   */
  async read(request: ReadingRequest, { signal }: { signal: AbortSignal }): Promise<{ mediaType: ReadableType; document: ReadableDocument }> {
    await this.#places.take(signal);
    let reply: ReadingReply;
    try {
      reply = await this.#askInTime(request, signal);
    } finally {
      this.#places.leave();
    }
    if (reply.outcome === 'refused') throw new SourceError(reply.kind, reply.message);
    if (reply.outcome === 'broken') throw new SourceError('unreadable', `${request.url} cannot be taken apart (${reply.message}).`);
    return reply;
  }

  /** Ends the threads that wait for work. */
  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((worker) => worker.terminate()));
  }

  #start(): Worker {
    const file = new URL(`./reading-worker${extname(import.meta.url)}`, import.meta.url);
    // No environment, so that nothing of it is near what strangers wrote; no options of the command line, such as a debugger's.
    return new Worker(file, { env: {}, execArgv: [], resourceLimits: { stackSizeMb: STACK_MB, maxOldGenerationSizeMb: this.#limits.memoryMb } });
  }

  /** A thread that did not answer in time is ended; one that did waits for the next document. */
  async #askInTime(request: ReadingRequest, signal: AbortSignal): Promise<ReadingReply> {
    const worker = this.#idle.pop() ?? this.#start();
    worker.ref();
    const limit = AbortSignal.timeout(this.#limits.timeoutMs);
    try {
      const reply = await abortable(this.#ask(worker, request), AbortSignal.any([signal, limit]));
      worker.unref();
      this.#idle.push(worker);
      return reply;
    } catch (cause) {
      void worker.terminate();
      if (signal.aborted) throw signal.reason;
      if (limit.aborted) throw new SourceError('unreadable', `${request.url} took more than ${this.#limits.timeoutMs / 1000} s to take apart and was given up.`, { cause });
      throw cause;
    }
  }

  #ask(worker: Worker, request: ReadingRequest): Promise<ReadingReply> {
    const { promise, resolve, reject } = Promise.withResolvers<ReadingReply>();
    const end = (reason: string): void => reject(new SourceError('unreadable', `${request.url} cannot be taken apart (${reason}).`));
    worker.removeAllListeners();
    worker.on('message', (message: unknown) => {
      const parsed = readingReplySchema.safeParse(message);
      if (parsed.success) resolve(parsed.data);
      else end(`its reader gave no document: ${parsed.error.message}`);
    });
    worker.on('error', (error) => end(error instanceof Error ? error.message : String(error)));
    worker.on('exit', () => {
      end('its thread ended');
      const place = this.#idle.indexOf(worker);
      if (place >= 0) this.#idle.splice(place, 1);
    });
    worker.postMessage(request, []);
    return promise;
  }
}
