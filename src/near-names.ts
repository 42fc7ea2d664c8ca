/** "Did you mean": the names that look like what was typed. */

/** Up to `most` of `names` that contain `wanted` or are within a third of its length of it, nearest first. */
export function nearNames(wanted: string, names: readonly string[], most = 3): string[] {
  const lower = wanted.toLowerCase();
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  return names
    .map((name) => ({ name, distance: lower !== '' && name.toLowerCase().includes(lower) ? 0 : editDistance(lower, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ name }) => name);
}

/** The name that a mistyped one was most likely meant to be: at most two letters off (one for short names); undefined otherwise. */
export function closestName(typed: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = typed.length < 4 ? 2 : 3;
  for (const name of names) {
    const edits = editDistance(typed.toLowerCase(), name);
    if (edits < fewest) [best, fewest] = [name, edits];
  }
  return best;
}

/** Fewest insertions, deletions, replacements and swaps of neighbours that turn one text into the other (optimal string alignment). */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const current = [i];
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1];
      let edits = Math.min(last[j]! + 1, current[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) edits = Math.min(edits, beforeLast[j - 2]! + 1);
      current.push(edits);
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length]!;
}
