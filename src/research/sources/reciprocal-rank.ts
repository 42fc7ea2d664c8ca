/**
 * One list from several: "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning Methods", G. Cormack, C. Clarke and S.
 * Büttcher, 2009. Only places count, so scores of different kinds need not be compared.
 */

/** How little the first places stand out; the paper's value. */
const K = 60;

export interface Fused<Item> {
  /** As it stands in the first list that has it. */
  item: Item;
  /** All of them, in the order of the lists. */
  found: readonly Item[];
  score: number;
}

/** Items with the same key are one; best first, of equal ones the one that was met first. An item counts once a list. */
export function fuseByRank<Item>(lists: readonly (readonly Item[])[], keyOf: (item: Item) => string | number): Fused<Item>[] {
  const fused = new Map<string | number, { item: Item; found: Item[]; score: number }>();
  for (const list of lists) {
    const seen = new Set<string | number>();
    for (const item of list) {
      const key = keyOf(item);
      const known = fused.get(key) ?? { item, found: [], score: 0 };
      fused.set(key, known);
      known.found.push(item);
      if (seen.has(key)) continue;
      seen.add(key);
      known.score += 1 / (K + seen.size);
    }
  }
  return [...fused.values()].sort((left, right) => right.score - left.score);
}
