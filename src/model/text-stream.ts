import type { DecodeOptions, Tokenizer } from './tokenizer.ts';

const space = 0x20;

/**
 * Turns token ids into text one at a time. The pieces that `push` and `finish` return, joined, are what `Tokenizer.decode` gives for all
 * ids together, and each piece is final: a character that is split over tokens comes out with its last token.
 */
export class TextStream {
  #tokenizer: Pick<Tokenizer, 'tokenBytes' | 'isSpecial' | 'leadingSpaces'>;
  #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #keepsSpecial: boolean;
  #spacesToStrip: number;

  constructor(tokenizer: Pick<Tokenizer, 'tokenBytes' | 'isSpecial' | 'leadingSpaces'>, options: DecodeOptions = {}) {
    this.#tokenizer = tokenizer;
    this.#keepsSpecial = options.specialTokens === 'keep';
    this.#spacesToStrip = options.continues ? 0 : tokenizer.leadingSpaces;
  }

  /** The text that has become final with this token; often that of the token, empty within a character. */
  push(id: number): string {
    let bytes = this.#tokenizer.tokenBytes(id);
    if (!this.#keepsSpecial && this.#tokenizer.isSpecial(id)) return '';
    if (this.#spacesToStrip > 0) bytes = this.#strip(bytes);
    return this.#decoder.decode(bytes, { stream: true });
  }

  /** What is left when no more tokens come: U+FFFD for a character that was not completed. */
  finish(): string {
    return this.#decoder.decode();
  }

  #strip(bytes: Uint8Array): Uint8Array {
    let stripped = 0;
    while (stripped < this.#spacesToStrip && bytes[stripped] === space) stripped++;
    this.#spacesToStrip = stripped === bytes.length ? this.#spacesToStrip - stripped : 0;
    return bytes.subarray(stripped);
  }
}
