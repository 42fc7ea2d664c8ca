/** A row of a dataset: plain JSON values by column. */
import { R5Error } from '../error.ts';

export type Row = Record<string, unknown>;

/** The value as a row. `place` says for the error where it stands. */
export function asRow(value: unknown, place: string): Row {
  if (isRow(value)) return value;
  const what = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
  throw new R5Error(`${place} is ${what}, but each row must be a JSON object with its columns as keys.`);
}

export const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);
