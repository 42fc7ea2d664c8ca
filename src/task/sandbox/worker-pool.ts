/** Worker threads for foreign programs: a few, reused, and killed when one does not answer in time. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { LostRollout } from '../lost-rollout.ts';
import { workerMessageSchema, type GuestReply, type GuestRequest } from './messages.ts';

/** Beyond a program's own time limit, before its thread is killed. */
const GRACE_MS = 250;

/** Loops inside native code of the interpreter recurse on this stack, so it is several times the default of 4 MB. */
const STACK_MB = 16;
const HEAP_MB = 128;

interface Job {
  request: GuestRequest;
  resolve: (reply: GuestReply) => void;
  reject: (error: Error) => void;
}

interface Slot {
  worker: Worker;
  state: 'starting' | 'idle' | 'busy';
  /** The request that runs, until it is answered. */
  job: Job | undefined;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Runs requests in at most `size` threads; further ones wait their turn. Threads start when there is work, and none of them keeps the
 * process alive while it has nothing to do.
 */
export class WorkerPool {
  readonly #size: number;
  readonly #slots = new Set<Slot>();
  readonly #waiting: Job[] = [];
  #started = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** Threads started so far, those included that were killed. */
  get threadsStarted(): number {
    return this.#started;
  }

  /** Threads that run a program now. */
  get busyThreads(): number {
    return [...this.#slots].filter(({ job }) => job !== undefined).length;
  }

  /** How the run ended. Rejects when a worker cannot be started at all, and with LostRollout when its thread was stopped from outside. */
  run(request: GuestRequest): Promise<GuestReply> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#assign();
    });
  }

  /** Ends all threads; requests that are under way are rejected. */
  async close(): Promise<void> {
    await Promise.all([...this.#slots].map(({ worker }) => worker.terminate()));
  }

  #assign(): void {
    for (const slot of this.#slots) {
      if (slot.state !== 'idle') continue;
      const job = this.#waiting.shift();
      if (job === undefined) break;
      this.#start(slot, job);
    }
    // A thread that has answered cleans up and is free in a moment.
    const soonFree = [...this.#slots].filter(({ state, job }) => state === 'starting' || (state === 'busy' && job === undefined)).length;
    const wanted = Math.min(this.#waiting.length - soonFree, this.#size - this.#slots.size);
    for (let i = 0; i < wanted; i++) this.#open();
  }

  #start(slot: Slot, job: Job): void {
    slot.state = 'busy';
    slot.job = job;
    slot.worker.ref();
    slot.worker.postMessage(job.request, []);
    // The kill waits for one more turn of the event loop: a reply may have come while the main thread was busy.
    const timer = setTimeout(() => setImmediate(() => {
      if (slot.timer === timer) this.#kill(slot);
    }), job.request.timeMs + GRACE_MS);
    slot.timer = timer;
  }

  #open(): void {
    const file = new URL(`./sandbox-worker${extname(import.meta.url)}`, import.meta.url);
    // No environment, so that nothing of it is near the programs; no options of the command line, such as a debugger's.
    const worker = new Worker(file, { env: {}, execArgv: [], resourceLimits: { stackSizeMb: STACK_MB, maxOldGenerationSizeMb: HEAP_MB } });
    const slot: Slot = { worker, state: 'starting', job: undefined, timer: undefined };
    this.#slots.add(slot);
    this.#started++;
    let failure: Error | undefined;
    worker.on('message', (message: unknown) => this.#hear(slot, message));
    worker.on('error', (error) => {
      failure = error instanceof Error ? error : new Error(String(error));
    });
    worker.on('exit', () => this.#lose(slot, failure));
  }

  #hear(slot: Slot, data: unknown): void {
    const message = workerMessageSchema.parse(data);
    if (message.kind === 'reply') {
      slot.job?.resolve(message.reply);
      slot.job = undefined;
      return;
    }
    clearTimeout(slot.timer);
    slot.timer = undefined;
    if (!this.#slots.has(slot)) return;
    slot.state = 'idle';
    slot.worker.unref();
    this.#assign();
  }

  #kill(slot: Slot): void {
    this.#slots.delete(slot);
    slot.job?.resolve({ outcome: 'timeout', message: `took longer than ${slot.job.request.timeMs} ms and was killed`, logs: [] });
    slot.job = undefined;
    void slot.worker.terminate();
    this.#assign();
  }

  #lose(slot: Slot, failure: Error | undefined): void {
    clearTimeout(slot.timer);
    slot.timer = undefined;
    this.#slots.delete(slot);
    const message = `the sandbox ended: ${failure?.message ?? 'its thread was stopped'}`;
    // A program can break its thread, which then says so; one that ends without a word was stopped from outside, and the program is not to blame.
    if (failure) slot.job?.resolve({ outcome: 'error', message, logs: [] });
    else slot.job?.reject(new LostRollout(`${message} from outside before the program had ended`));
    if (slot.state === 'starting') {
      // It would fail again for everyone who waits.
      for (const job of this.#waiting.splice(0)) job.reject(new Error(message, { cause: failure }));
    }
    this.#assign();
  }
}
