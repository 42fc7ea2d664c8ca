/** Watches a completion's text for strings that end it. */
import { R5Error } from '../../error.ts';
import { TextStream } from '../../model/text-stream.ts';
import type { Tokenizer } from '../../model/tokenizer.ts';

/** What reading a text needs of a tokenizer. */
type TokenReader = Pick<Tokenizer, 'tokenBytes' | 'isSpecial' | 'leadingSpaces'>;

export class StopStrings {
  readonly #stops: readonly string[];
  readonly #stream: TextStream;
  readonly #longest: number;
  #tail = '';

  private constructor(stops: readonly string[], tokenizer: TokenReader) {
    this.#stops = stops;
    // A completion continues its prompt, so a space at its start belongs to its text.
    this.#stream = new TextStream(tokenizer, { continues: true });
    this.#longest = Math.max(...stops.map((stop) => stop.length));
  }

  /** Nothing when there are no stop strings. Throws R5Error when there are, and no tokenizer to read the text with. */
  static watch(stops: readonly string[] | undefined, tokenizer: TokenReader | undefined): StopStrings | undefined {
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

/** Ids of the texts that spell a special token: such a token adds nothing to the text, so it can only be met by its id. */
export function specialTokensAmong(texts: readonly string[], tokenizer: Pick<Tokenizer, 'tokenId' | 'isSpecial'> | undefined): number[] {
  return texts.flatMap((text) => {
    const id = tokenizer?.tokenId(text);
    return id !== undefined && tokenizer?.isSpecial(id) ? [id] : [];
  });
}
