/** Waiting that an AbortSignal ends. */
import { setTimeout as sleepFor } from 'node:timers/promises';

/** The promise's outcome, or the signal's reason when that comes first; the work itself goes on for others who wait for it. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([promise, work]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Throws the signal's reason when it is aborted before the time is over. */
export async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (milliseconds <= 0) return;
  await sleepFor(milliseconds, undefined, { signal }).catch((cause: unknown) => {
    if (signal.aborted) throw signal.reason;
    throw cause;
  });
}
