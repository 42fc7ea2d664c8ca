/** Keys and values of sequences that have ended, for prompts that begin as they did. Bounded in bytes; what was not used longest goes first. */

interface Entry {
  tokens: readonly number[];
  /** As `KeyValueCache.takeOut` gives them, one position for each token. */
  packed: Float32Array;
}

export interface Prefix {
  packed: Float32Array;
  /** Positions that `packed` holds, and how many of them the sequences share. */
  packedLength: number;
  length: number;
}

/** Entries beyond this cost more to look through than they save. */
const MOST_ENTRIES = 512;

export class PrefixCache {
  /** Least recently used first. */
  readonly #entries = new Set<Entry>();
  #bytes = 0;
  #limit: number;

  /** `limit` in bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  set limit(bytes: number) {
    this.#limit = bytes;
    this.#evict();
  }

  /** Whether a sequence of this many bytes can be kept at all. */
  fits(bytes: number): boolean {
    return bytes <= this.#limit;
  }

  /** The entry that shares most tokens with `tokens` from the start; nothing when none shares any. */
  longest(tokens: readonly number[]): Prefix | undefined {
    let best: Entry | undefined;
    let length = 0;
    for (const entry of this.#entries) {
      const common = commonPrefix(entry.tokens, tokens);
      if (common <= length) continue;
      best = entry;
      length = common;
    }
    if (!best) return undefined;
    this.#entries.delete(best);
    this.#entries.add(best);
    return { packed: best.packed, packedLength: best.tokens.length, length };
  }

  /** Whether the whole of `tokens` is there already. */
  holds(tokens: readonly number[]): boolean {
    for (const entry of this.#entries) if (commonPrefix(entry.tokens, tokens) === tokens.length) return true;
    return false;
  }

  /** Takes a sequence in, in the place of those that it continues. */
  keep(tokens: readonly number[], packed: Float32Array): void {
    for (const entry of this.#entries) if (commonPrefix(entry.tokens, tokens) === entry.tokens.length) this.#drop(entry);
    this.#entries.add({ tokens, packed });
    this.#bytes += packed.byteLength;
    this.#evict();
  }

  /** Forgets everything, for example because the weights have changed. */
  forget(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  #evict(): void {
    for (const entry of this.#entries) {
      if (this.#bytes <= this.#limit && this.#entries.size <= MOST_ENTRIES) return;
      this.#drop(entry);
    }
  }

  #drop(entry: Entry): void {
    this.#entries.delete(entry);
    this.#bytes -= entry.packed.byteLength;
  }
}

/** How many tokens two sequences share from the start. */
export function commonPrefix(a: readonly number[], b: readonly number[]): number {
  const end = Math.min(a.length, b.length);
  let length = 0;
  while (length < end && a[length] === b[length]) length++;
  return length;
}
