/** Which held-out problems are shown before and after training, by a rule that cannot flatter. */
import type { Group, ScoredRollout } from '../rl/rollouts.ts';

export interface ExamplePair {
  row: number;
  before: ScoredRollout;
  after: ScoredRollout;
}

/**
 * The first two rows that were solved in one evaluation and not in the other, whichever way, and the first row whose verdict is the same;
 * in the order of the rows. Looks at the first completion of each row. Fewer where there are not so many.
 */
export function pickExamples(before: readonly Group[], after: readonly Group[]): ExamplePair[] {
  const afterByRow = new Map(after.map((group) => [group[0]?.row, group[0]]));
  const pairs: ExamplePair[] = [];
  for (const [first] of before) {
    const later = afterByRow.get(first?.row);
    if (first && later) pairs.push({ row: first.row, before: first, after: later });
  }
  const solved = ({ verdict }: ScoredRollout): boolean => verdict === 'correct';
  const changed = pairs.filter((pair) => solved(pair.before) !== solved(pair.after)).slice(0, 2);
  const unchanged = pairs.filter((pair) => pair.before.verdict === pair.after.verdict).slice(0, 1);
  return [...changed, ...unchanged].sort((a, b) => a.row - b.row);
}
