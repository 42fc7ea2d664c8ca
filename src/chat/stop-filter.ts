import { firstMatch, partialMatch } from './partial-match.ts';

/** Cuts a text that streams before the first stop string in it, and never lets out a part of one. */
export class StopFilter {
  readonly #stops: readonly string[];
  #held = '';
  /** The stop string that was met; nothing comes out after it. */
  met: string | undefined;

  constructor(stops: readonly string[]) {
    this.#stops = stops;
  }

  /** The text that is certain to be no part of a stop string. */
  push(text: string): string {
    if (this.met !== undefined || this.#stops.length === 0) return this.met === undefined ? text : '';
    const all = this.#held + text;
    const found = firstMatch(all, this.#stops);
    this.met = found?.target;
    const end = found?.at ?? all.length - partialMatch(all, this.#stops);
    this.#held = found ? '' : all.slice(end);
    return all.slice(0, end);
  }

  /** What was held back, when no more comes. */
  finish(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }
}
