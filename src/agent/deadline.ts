/** The end of an episode from outside: its time is over, or whoever started it wants it no more. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #over: 'timeout' | 'aborted' | undefined;

  constructor(timeoutMs: number | undefined, outer: AbortSignal | undefined) {
    this.#outer = outer;
    if (timeoutMs !== undefined) this.#timer = setTimeout(() => this.#end('timeout'), timeoutMs);
    if (outer?.aborted) this.#end('aborted');
    outer?.addEventListener('abort', this.#abort);
  }

  /** Aborted when the end has come. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why it has come; undefined before. */
  get over(): 'timeout' | 'aborted' | undefined {
    return this.#over;
  }

  /** Lets go of the timer and the outer signal. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => this.#end('aborted');

  #end(reason: 'timeout' | 'aborted'): void {
    this.#over ??= reason;
    this.#controller.abort();
  }
}
