import { pairKey } from './merge-table.ts';

/** Two neighbouring token ids and how often they occur. */
export interface Pair {
  left: number;
  right: number;
  count: number;
}

interface Word {
  ids: number[];
  count: number;
}

/** How often each pair of neighbours occurs in a weighted set of words, kept up to date while pairs are joined. */
export class PairCounts {
  #pairs = new Map<number, Pair>();
  /** The words in which a pair occurs, or did. */
  #words = new Map<number, Set<Word>>();

  /** Adds a word that occurs `count` times. */
  add(ids: readonly number[], count: number): void {
    this.#addPairs({ ids: [...ids], count });
  }

  /** The pair that occurs most often, at least twice; of equals the one with the smallest ids. */
  mostFrequent(): Pair | undefined {
    let best: Pair | undefined;
    for (const pair of this.#pairs.values()) {
      if (pair.count >= 2 && (best === undefined || comesBefore(pair, best))) best = pair;
    }
    return best;
  }

  /** Joins every occurrence of the pair, from the left, into the token `id`. */
  replace({ left, right }: Pair, id: number): void {
    for (const word of this.#words.get(pairKey(left, right)) ?? []) {
      this.#removePairs(word);
      word.ids = joined(word.ids, left, right, id);
      this.#addPairs(word);
    }
    this.#words.delete(pairKey(left, right));
  }

  #addPairs(word: Word): void {
    for (let i = 0; i + 1 < word.ids.length; i++) {
      const [left, right] = [word.ids[i]!, word.ids[i + 1]!];
      const key = pairKey(left, right);
      const pair = this.#pairs.get(key);
      if (pair === undefined) this.#pairs.set(key, { left, right, count: word.count });
      else pair.count += word.count;
      const words = this.#words.get(key);
      if (words === undefined) this.#words.set(key, new Set([word]));
      else words.add(word);
    }
  }

  #removePairs(word: Word): void {
    for (let i = 0; i + 1 < word.ids.length; i++) {
      const key = pairKey(word.ids[i]!, word.ids[i + 1]!);
      const pair = this.#pairs.get(key);
      if (pair === undefined) continue;
      pair.count -= word.count;
      if (pair.count === 0) this.#pairs.delete(key);
    }
  }
}

function comesBefore(a: Pair, b: Pair): boolean {
  return (a.count - b.count || b.left - a.left || b.right - a.right) > 0;
}

function joined(ids: readonly number[], left: number, right: number, id: number): number[] {
  const result: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] === left && ids[i + 1] === right) {
      result.push(id);
      i++;
    } else result.push(ids[i]!);
  }
  return result;
}
