/** Watches a completion's text for strings that end it. */
import { R5Error } from '../../error.ts';
import { TextStream } from '../../model/text-stream.ts';
import type { Tokenizer } from '../../model/tokenizer.ts';

export class StopStrings {
  readonly #stops: readonly string[];
  readonly #stream: TextStream;
  readonly #longest: number;
  #tail = '';

  private constructor(stops: readonly string[], tokenizer: Tokenizer) {
    this.#stops = stops;
    this.#stream = new TextStream(tokenizer);
    this.#longest = Math.max(...stops.map((stop) => stop.length));
  }

  /** Nothing when there are no stop strings. Throws R5Error when there are, and no tokenizer to read the text with. */
  static watch(stops: readonly string[] | undefined, tokenizer: Tokenizer | undefined): StopStrings | undefined {
    if (!stops || stops.length === 0) return undefined;
    if (stops.includes('')) throw new R5Error('A stop string is empty, so every completion would end at once; remove it.');
    if (!tokenizer) throw new R5Error('Stop strings need a tokenizer; open the engine from a model directory that has a tokenizer.json.');
    return new StopStrings(stops, tokenizer);
  }

  /** Takes a token in. True when a stop string is in the text now. */
  push(token: number): boolean {
    this.#tail += this.#stream.push(token);
    const found = this.#stops.some((stop) => this.#tail.includes(stop));
    this.#tail = this.#tail.slice(-this.#longest);
    return found;
  }
}
