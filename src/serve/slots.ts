/** How many generations run at once and how many may wait; beyond that a request is turned away instead of waiting without end. */
import { ApiError } from './api-error.ts';

interface Waiter {
  admit: () => void;
}

export class Slots {
  readonly size: number;
  readonly queueSize: number;
  readonly #queue = new Set<Waiter>();
  #busy = 0;
  /** Mean time of a generation, the latest weighing most. */
  #meanSeconds = 1;

  constructor(size: number, queueSize: number) {
    this.size = size;
    this.queueSize = queueSize;
  }

  get busy(): number {
    return this.#busy;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** Throws the 429 when the queue has no room for `count` more. */
  checkRoom(count: number): void {
    const mustWait = Math.max(0, count - (this.size - this.#busy));
    if (mustWait === 0 || this.waiting + mustWait <= this.queueSize) return;
    const seconds = Math.min(60, Math.max(1, Math.ceil((this.#meanSeconds * (this.waiting + count)) / this.size)));
    throw new ApiError(429, `The server is at its limit: ${this.#busy} answers are being written and ${this.waiting} wait. Try again in ${seconds} s.`, {
      code: 'server_busy',
      headers: { 'retry-after': String(seconds) },
    });
  }

  /** Waits for a slot, first come, first served, and returns what frees it; undefined when `signal` came first. */
  async acquire(signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted) return undefined;
    if (this.#busy < this.size) this.#busy++;
    else if (!(await this.#turn(signal))) return undefined;
    const start = performance.now();
    let freed = false;
    return () => {
      if (freed) return;
      freed = true;
      this.#meanSeconds += 0.1 * ((performance.now() - start) / 1000 - this.#meanSeconds);
      this.#passOn();
    };
  }

  #turn(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const leave = (): void => {
        this.#queue.delete(waiter);
        resolve(false);
      };
      const waiter: Waiter = {
        admit: () => {
          signal.removeEventListener('abort', leave);
          resolve(true);
        },
      };
      this.#queue.add(waiter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** The slot goes to the next in line without becoming free in between, so that nobody who comes now can take it. */
  #passOn(): void {
    const [next] = this.#queue;
    if (!next) {
      this.#busy--;
      return;
    }
    this.#queue.delete(next);
    next.admit();
  }
}
