/** Lets calls to a service through: so many at once, so many a minute, again after a refusal, and all of them later when it says so. */
import { setTimeout as sleep } from 'node:timers/promises';
import { R5Error } from '../../error.ts';
import { LostRollout } from '../lost-rollout.ts';
import { messageOf } from '../rows.ts';
import { refusalOf } from './refusal.ts';

export interface CallLimits {
  /** Calls under way at once. Default 8. */
  concurrency?: number;
  /** Calls that begin within a minute, evenly spread. Default no limit. */
  requestsPerMinute?: number;
  /** Longest time of one call. Default 60 s. */
  timeoutMs?: number;
  /** How long after its first refusal a call is tried again. After that the rollout is lost. Default 5 min. */
  patienceMs?: number;
}

/** Waits between attempts where the service names none: 1 s, 2 s, 4 s, ... up to this. */
const LONGEST_WAIT_MS = 30_000;
const FIRST_WAIT_MS = 1_000;

export class CallGate {
  readonly #limits: Required<CallLimits>;
  #free: number;
  readonly #waiting: (() => void)[] = [];
  /** When the next call may begin, by the rate and by what the service has asked for. */
  #nextStart = 0;
  #pausedUntil = 0;

  /** Throws R5Error for limits that make no sense. */
  constructor(limits: CallLimits = {}) {
    this.#limits = { concurrency: 8, requestsPerMinute: Infinity, timeoutMs: 60_000, patienceMs: 300_000, ...limits };
    for (const [name, value] of Object.entries(this.#limits)) {
      if (!(value > 0) || (name === 'concurrency' && !Number.isInteger(value))) throw new R5Error(`The judge's ${name} is ${value}; it must be ${name === 'concurrency' ? 'a whole number of at least 1' : 'above 0'}.`);
    }
    this.#free = this.#limits.concurrency;
  }

  /**
   * What `call` gives, tried again while it is refused for the time being (429, 408, 5xx, no connection, too slow) and patience lasts.
   * @throws LostRollout when patience has run out.
   * @throws R5Error for a refusal that trying again would not change, such as a wrong key.
   */
  async run<Result>(what: string, call: (signal: AbortSignal) => PromiseLike<Result>): Promise<Result> {
    let refusedAt: number | undefined;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#once(call);
      } catch (error) {
        const refusal = refusalOf(error);
        if (!refusal.temporary) throw new R5Error(`${what} refused: ${refusal.message}. Trying again would not help; check the model's name, its key and its settings.`, { cause: error });
        const wait = refusal.waitMs ?? jittered(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt));
        refusedAt ??= performance.now();
        const spent = performance.now() - refusedAt;
        if (spent + wait > this.#limits.patienceMs) {
          throw new LostRollout(`${what} gave no answer within ${seconds(this.#limits.patienceMs)} (${attempt + 1} ${attempt === 0 ? 'attempt' : 'attempts'}): ${messageOf(error)}`, { cause: error });
        }
        if (refusal.waitMs !== undefined) this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + refusal.waitMs);
        await sleep(wait);
      }
    }
  }

  async #once<Result>(call: (signal: AbortSignal) => PromiseLike<Result>): Promise<Result> {
    await this.#enter();
    try {
      await this.#pace();
      return await withTimeout(this.#limits.timeoutMs, call);
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#free > 0) this.#free--;
    // The one who leaves hands the place on, so that it is never free in between.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }

  /** Waits for this call's turn. */
  async #pace(): Promise<void> {
    for (;;) {
      const now = performance.now();
      const start = Math.max(this.#nextStart, this.#pausedUntil);
      if (start <= now) {
        this.#nextStart = now + 60_000 / this.#limits.requestsPerMinute;
        return;
      }
      await sleep(start - now);
    }
  }
}

async function withTimeout<Result>(timeoutMs: number, call: (signal: AbortSignal) => PromiseLike<Result>): Promise<Result> {
  const controller = new AbortController();
  const { signal } = controller;
  const timer = setTimeout(() => controller.abort(new DOMException('it took too long', 'TimeoutError')), timeoutMs);
  // A service that does not listen to its signal must not hold the run.
  const tooSlow = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    return await Promise.race([call(signal), tooSlow]);
  } finally {
    clearTimeout(timer);
  }
}

/** Up to a quarter more or less, so that calls that were refused together do not come back together. */
const jittered = (ms: number): number => ms * (0.75 + Math.random() / 2);

const seconds = (ms: number): string => `${Number((ms / 1000).toPrecision(3))} s`;
