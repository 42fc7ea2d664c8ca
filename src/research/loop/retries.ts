/** Trying again: growing waits with some chance in them, and never sooner than the other side asked for. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface RetryOptions {
  attempts: number;
  /** First wait; each next one is twice as long, up to `longestMs`. */
  firstMs: number;
  longestMs: number;
  /** Beyond this asked-for wait it is not worth it. */
  patienceMs: number;
  signal: AbortSignal;
  /** Whether it may go better next time, and how long the other side wants us to wait. */
  isWorthIt: (error: unknown) => { retryAfterMs?: number | undefined } | undefined;
  onRetry?: (error: unknown, attempt: number, waitMs: number) => void;
}

export const retryDefaults = { attempts: 5, firstMs: 1000, longestMs: 60_000, patienceMs: 300_000 } as const;

/** What `run` returns, after as many tries as it takes. Throws the last error when none went well. */
export async function withRetries<Result>(run: (attempt: number) => Promise<Result>, options: RetryOptions): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run(attempt);
    } catch (error) {
      const again = options.signal.aborted || attempt >= options.attempts ? undefined : options.isWorthIt(error);
      const asked = again?.retryAfterMs ?? 0;
      if (again === undefined || asked > options.patienceMs) throw error;
      const backoff = Math.min(options.longestMs, options.firstMs * 2 ** (attempt - 1)) * (0.75 + Math.random() / 2);
      const waitMs = Math.round(Math.max(asked, backoff));
      options.onRetry?.(error, attempt, waitMs);
      await sleep(waitMs, undefined, { signal: options.signal });
    }
  }
}
