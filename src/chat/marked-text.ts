/**
 * Text in which special tokens that mean something can be told from text that merely spells them: each is preceded by a mark. What a model
 * wrote is read in this form, so that `[TOOL_CALLS]` begins a call only where it is the token of that name.
 */
import { TextStream } from '../model/text-stream.ts';
import type { Tokenizer } from '../model/tokenizer.ts';

/** A code point that is no character and never stands in a text. */
const MARK = '\uFDD0';

/** `literal` with a mark before each special token that it spells. */
export function markSpecialTokens(literal: string, tokenizer: Pick<Tokenizer, 'specialTokens'>): string {
  const spellings = tokenizer.specialTokens.filter((spelling) => literal.includes(spelling)).toSorted((a, b) => b.length - a.length);
  let marked = '';
  for (let at = 0; at < literal.length; ) {
    const found = spellings.find((spelling) => literal.startsWith(spelling, at));
    marked += found === undefined ? literal.charAt(at) : MARK + found;
    at += found?.length ?? 1;
  }
  return marked;
}

/** As people see it. */
export const withoutMarks = (text: string): string => text.replaceAll(MARK, '');

export interface MarkedPiece {
  text: string;
  /** Whether this is a special token, marked. */
  special: boolean;
}

/** Token ids to marked text, one at a time. Special tokens that are in none of `literals` (marked texts) are left out. */
export class MarkedTextStream {
  readonly #tokenizer: Tokenizer;
  readonly #text: TextStream;
  readonly #literals: readonly string[];

  /** `continues`: the tokens go on with a text, so space at their start is part of it. */
  constructor(tokenizer: Tokenizer, literals: readonly string[], { continues }: { continues: boolean }) {
    this.#tokenizer = tokenizer;
    this.#text = new TextStream(tokenizer, { continues });
    this.#literals = literals;
  }

  push(token: number): MarkedPiece {
    if (!this.#tokenizer.isSpecial(token)) return { text: withoutMarks(this.#text.push(token)), special: false };
    const marked = MARK + this.#tokenizer.tokenText(token);
    return { text: this.#literals.some((literal) => literal.includes(marked)) ? marked : '', special: true };
  }

  /** What is left of a character that was not completed. */
  finish(): string {
    return this.#text.finish();
  }
}
