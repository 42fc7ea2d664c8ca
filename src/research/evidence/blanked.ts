/** A text of which some places are read already. */

/** A sign that is no letter, digit or space, so that nothing is read across it. */
export const TAKEN = '\u0001';

export function blanked(text: string, places: readonly { start: number; end: number }[]): string {
  let out = text;
  for (const { start, end } of places) out = out.slice(0, start) + TAKEN.repeat(end - start) + out.slice(end);
  return out;
}
