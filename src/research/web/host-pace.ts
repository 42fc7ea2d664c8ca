/** Keeps a pace with every host: few requests at once, a pause between them, and a longer one when the host asks for it. */
import { sleep } from './abortable.ts';
import { Places } from './places.ts';

export interface PaceSettings {
  /** Requests to one host at the same time. Default 2. */
  concurrency?: number;
  /** Between the starts of two requests to one host. Default 500 ms. */
  intervalMs?: number;
}

interface HostState {
  places: Places;
  /** Earliest start of the next request, in milliseconds since the epoch. */
  nextStart: number;
  intervalMs: number;
}

export class HostPace {
  readonly #concurrency: number;
  readonly #intervalMs: number;
  readonly #hosts = new Map<string, HostState>();

  constructor(settings: PaceSettings = {}) {
    this.#concurrency = settings.concurrency ?? 2;
    this.#intervalMs = settings.intervalMs ?? 500;
  }

  /** Does the work when it is the host's turn. Work that waits is begun in the order in which it came. */
  async run<T>(host: string, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const state = this.#stateOf(host);
    await state.places.take(signal);
    try {
      // Another request's answer may put the start off while this one sleeps.
      for (let wait = state.nextStart - Date.now(); wait > 0; wait = state.nextStart - Date.now()) await sleep(wait, signal);
      state.nextStart = Date.now() + state.intervalMs;
      return await work();
    } finally {
      state.places.leave();
    }
  }

  /** No request to the host starts within this time. */
  pause(host: string, milliseconds: number): void {
    const state = this.#stateOf(host);
    state.nextStart = Math.max(state.nextStart, Date.now() + milliseconds);
  }

  /** A host that asks for a longer pause between requests (`Crawl-delay`) gets it. */
  slowDown(host: string, intervalMs: number): void {
    const state = this.#stateOf(host);
    state.intervalMs = Math.max(state.intervalMs, intervalMs);
  }

  #stateOf(host: string): HostState {
    const known = this.#hosts.get(host);
    if (known !== undefined) return known;
    const state: HostState = { places: new Places(this.#concurrency), nextStart: 0, intervalMs: this.#intervalMs };
    this.#hosts.set(host, state);
    return state;
  }
}
