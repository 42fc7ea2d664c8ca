/** A span of a snapshot that the writer may cite. */

export interface Evidence {
  /** `e1`, `e2`, ... in the order in which it was found; what the writer cites. */
  id: string;
  /** The snapshot's id, and the span of its text. */
  snapshot: string;
  start: number;
  end: number;
  /** The span itself: `text.slice(start, end)` of the snapshot. */
  quote: string;
  /** Which question of the plan it answers, and what it says, in the reader's words. */
  question?: string;
  note?: string;
}
