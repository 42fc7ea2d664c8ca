/**
 * Counter-based random numbers: every draw is a pure function of the words that name it, so a draw does not depend on which draws
 * came before, and a killed run repeats them exactly. The mixing function is the 32-bit finalizer of MurmurHash3 (Appleby).
 */
function mix(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A 32-bit hash of a list of integers, order included. */
export function hashWords(...words: number[]): number {
  let hash = 0x9e3779b9;
  for (const word of words) hash = mix(Math.imul(hash, 0x01000193) ^ mix((word + 0x7f4a7c15) | 0)) >>> 0;
  return hash;
}

/** A 32-bit hash of a text (FNV-1a over UTF-16 units, then mixed). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/** A number drawn uniformly from [0, 1), named by `words` (for example: seed, rollout, position). 24 bits, exact in float32. */
export function uniformAt(...words: number[]): number {
  return (hashWords(...words) >>> 8) / 0x1000000;
}

/** A stream of draws that starts from a name; the same name gives the same stream. */
export class Random {
  #name: number;
  #count = 0;

  constructor(...words: number[]) {
    this.#name = hashWords(...words);
  }

  /** Uniform in [0, 1), 24 bits. */
  uniform(): number {
    return uniformAt(this.#name, this.#count++);
  }

  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low + 1));
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** One of `items`, which must not be empty. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.integer(0, items.length - 1)];
    if (item === undefined) throw new RangeError('Random.pick: the list is empty');
    return item;
  }

  /** A shuffled copy (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const copy = [...items];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = this.integer(0, i);
      [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
    }
    return copy;
  }
}
