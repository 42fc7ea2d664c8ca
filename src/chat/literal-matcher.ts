/** Reads one of several literals, character by character, over space before it. */
export class LiteralMatcher {
  readonly #literals: readonly string[];
  #seen = '';

  constructor(literals: readonly string[]) {
    this.#literals = literals.filter((literal) => literal !== '');
  }

  /** The literal once it is whole; `failed` when none can come any more. */
  push(char: string): { found: string } | 'more' | 'failed' {
    if (this.#seen === '' && /\s/.test(char)) return 'more';
    this.#seen += char;
    if (this.#literals.includes(this.#seen)) return { found: this.#seen };
    return this.#literals.some((literal) => literal.startsWith(this.#seen)) ? 'more' : 'failed';
  }
}
