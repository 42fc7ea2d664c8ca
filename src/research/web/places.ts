/** Places for work that may run at the same time; what finds none free waits, in the order in which it came. */
import { abortable } from './abortable.ts';

export class Places {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Throws the signal's reason when it is aborted before there is a place; whoever has one calls `leave`. */
  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    await abortable(promise, signal).catch((cause: unknown) => {
      const at = this.#waiting.indexOf(resolve);
      // It was handed a place just before it gave up.
      if (at < 0) this.leave();
      else this.#waiting.splice(at, 1);
      throw cause;
    });
  }

  /** The next one is handed the place, so that it is never free in between and nobody pushes in. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
