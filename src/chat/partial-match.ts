/** Length of the longest end of `text` that could become one of `targets` with more text: as much must be held back while it streams. */
export function partialMatch(text: string, targets: readonly string[]): number {
  const longest = Math.max(0, ...targets.map((target) => target.length - 1));
  for (let length = Math.min(text.length, longest); length > 0; length--) {
    const end = text.slice(-length);
    if (targets.some((target) => target.length > length && target.startsWith(end))) return length;
  }
  return 0;
}

/** Where the first of `targets` begins in `text`, and which; the longest where several begin there. */
export function firstMatch(text: string, targets: readonly string[]): { at: number; target: string } | undefined {
  let best: { at: number; target: string } | undefined;
  for (const target of targets) {
    const at = text.indexOf(target);
    if (at < 0) continue;
    if (best === undefined || at < best.at || (at === best.at && target.length > best.target.length)) best = { at, target };
  }
  return best;
}
