/** Finds where a JSON value ends while its text comes in, character by character. It looks at strings and brackets only and judges nothing else. */
export class JsonValueScanner {
  #depth = 0;
  #inString = false;
  #escaped = false;
  #kind: 'unknown' | 'nested' | 'string' | 'scalar' = 'unknown';

  /** `last`: the value ends with this character; `past`: it ended before it. */
  push(char: string): 'more' | 'last' | 'past' {
    if (this.#inString) return this.#inText(char);
    if (this.#kind === 'unknown') this.#kind = char === '"' ? 'string' : char === '{' || char === '[' ? 'nested' : 'scalar';
    if (this.#kind === 'scalar') return /[\s,\]}]/.test(char) ? 'past' : 'more';
    if (char === '"') this.#inString = true;
    else if (char === '{' || char === '[') this.#depth++;
    else if (char === '}' || char === ']') this.#depth--;
    return this.#kind === 'nested' && this.#depth === 0 ? 'last' : 'more';
  }

  #inText(char: string): 'more' | 'last' {
    if (this.#escaped) this.#escaped = false;
    else if (char === '\\') this.#escaped = true;
    else if (char === '"') this.#inString = false;
    return this.#kind === 'string' && !this.#inString ? 'last' : 'more';
  }
}
