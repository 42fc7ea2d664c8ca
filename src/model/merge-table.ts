/** A byte-pair vocabulary while it grows: tokens by id, and the merges that made them, in order. */
export class MergeTable {
  #tokens: string[];
  #ids: Map<string, number>;
  #merges: (readonly [string, string])[] = [];
  /** Rank and result of each merge, by its two ids. */
  #byPair = new Map<number, { rank: number; id: number }>();

  /** `tokens` get the ids from 0 on. */
  constructor(tokens: readonly string[]) {
    this.#tokens = [...tokens];
    this.#ids = new Map(tokens.map((token, id) => [token, id]));
  }

  get size(): number {
    return this.#tokens.length;
  }

  /** The id of a token that must be there. */
  idOf(token: string): number {
    const id = this.#ids.get(token);
    if (id === undefined) throw new RangeError(`no token ${JSON.stringify(token)}`);
    return id;
  }

  /** Makes the pair a merge of the lowest priority so far, and returns the id of the joined token, which may have been there. */
  merge(left: number, right: number): number {
    const pair: readonly [string, string] = [this.#tokenOf(left), this.#tokenOf(right)];
    const joined = pair.join('');
    const id = this.#ids.get(joined) ?? this.#tokens.push(joined) - 1;
    this.#ids.set(joined, id);
    this.#byPair.set(pairKey(left, right), { rank: this.#merges.length, id });
    this.#merges.push(pair);
    return id;
  }

  mergeOf(left: number, right: number): { rank: number; id: number } | undefined {
    return this.#byPair.get(pairKey(left, right));
  }

  vocabulary(): Map<string, number> {
    return new Map(this.#ids);
  }

  merges(): (readonly [string, string])[] {
    return [...this.#merges];
  }

  #tokenOf(id: number): string {
    const token = this.#tokens[id];
    if (token === undefined) throw new RangeError(`no token ${id}`);
    return token;
  }
}

/** One number for an ordered pair of ids, exact for ids below 2^26. */
export function pairKey(left: number, right: number): number {
  return left * 0x4000000 + right;
}

/** The token ids of one piece, written in the byte alphabet: of the pairs that can be merged, the earliest merge goes first. */
export function applyMerges(table: MergeTable, piece: string): number[] {
  const ids = Array.from(piece, (character) => table.idOf(character));
  for (;;) {
    let best: { rank: number; id: number } | undefined;
    let at = 0;
    for (let i = 0; i + 1 < ids.length; i++) {
      const merge = table.mergeOf(ids[i]!, ids[i + 1]!);
      if (merge !== undefined && (best === undefined || merge.rank < best.rank)) {
        best = merge;
        at = i;
      }
    }
    if (best === undefined) return ids;
    ids.splice(at, 2, best.id);
  }
}
