/** How generated tasks keep their held-out rows apart: a hash of the problem itself decides, so no set has to know the other one. */
import { hashText, hashWords } from '../random.ts';

export type Split = 'train' | 'test';

/** The split of a problem: one in ten is held out. `key` must be the same for every way of writing the problem down. */
export function splitOf(taskName: string, key: string): Split {
  return hashWords(hashText(taskName), hashText(key)) % 10 === 0 ? 'test' : 'train';
}

/** Draws until there are `count` different rows; `draw` must be able to give that many. */
export function drawDistinct<Row>(count: number, draw: () => Row, keyOf: (row: Row) => string): Row[] {
  const rows = new Map<string, Row>();
  while (rows.size < count) {
    const row = draw();
    rows.set(keyOf(row), row);
  }
  return [...rows.values()];
}
