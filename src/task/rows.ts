import { R5Error } from '../error.ts';
import type { Task } from './task.ts';

/**
 * A task's rows of one set, checked: at least one, or an error that names the task and the set.
 * @throws R5Error when reading them throws, gives no list, or gives an empty one.
 */
export async function loadRows<Row>(task: Task<Row>, set: 'train' | 'test'): Promise<readonly Row[]> {
  const place = `The task "${task.name}": ${set}()`;
  let rows: readonly Row[];
  try {
    rows = await task[set]();
  } catch (error) {
    if (error instanceof R5Error) throw error;
    throw new R5Error(`${place} threw: ${messageOf(error)}`, { cause: error });
  }
  if (!Array.isArray(rows)) throw new R5Error(`${place} returned ${describe(rows)}; it must return a list of rows.`);
  if (rows.length === 0) {
    throw new R5Error(`${place} returned no rows; ${set === 'train' ? 'training' : 'evaluation'} needs at least one.`);
  }
  return rows;
}

/** What was thrown, in words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A value as it may appear in an error: short, on one line. */
export function describe(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  // JSON would turn NaN into null and drop undefined.
  const numbersKept = (_: string, inner: unknown): unknown => {
    if (typeof inner === 'number' && !Number.isFinite(inner)) return String(inner);
    return typeof inner === 'bigint' ? `${inner}n` : inner;
  };
  let text: string | undefined;
  try {
    text = typeof value === 'number' ? String(value) : JSON.stringify(value, numbersKept);
  } catch (error) {
    text = `a value that JSON cannot show (${messageOf(error)})`;
  }
  text ??= String(value);
  return text.length > 160 ? `${text.slice(0, 160)}...` : text;
}
