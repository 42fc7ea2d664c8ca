/** Which rows a step takes. */
import { Random } from '../random.ts';

/** Rows of a step: passes over all rows in a fresh order each time. */
export function pickRows(rowCount: number, count: number, seed: number, step: number): number[] {
  return Array.from({ length: count }, (_, i) => rowAt(rowCount, seed, (step - 1) * count + i));
}

/** The row at a position, counted from 0, of the endless sequence of passes. */
export function rowAt(rowCount: number, seed: number, position: number): number {
  const row = epochOrder(rowCount, seed, Math.floor(position / rowCount))[position % rowCount];
  if (row === undefined) throw new RangeError(`no row at position ${position} of passes over ${rowCount} rows`);
  return row;
}

const orders = new Map<string, number[]>();

function epochOrder(rowCount: number, seed: number, epoch: number): number[] {
  const key = `${rowCount} ${seed} ${epoch}`;
  const known = orders.get(key);
  if (known) return known;
  const order = new Random(seed, epoch, rowCount).shuffle(Array.from({ length: rowCount }, (_, row) => row));
  if (orders.size > 8) orders.clear();
  orders.set(key, order);
  return order;
}
