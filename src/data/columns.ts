/** Columns under the names that a task asks for. */
import { R5Error } from '../error.ts';
import type { Row } from './row.ts';

/** New name -> name in the data. */
export type ColumnNames = Readonly<Record<string, string>>;

/**
 * The rows with each named column also under its new name; other columns stay as they are.
 * Throws R5Error for the first row that lacks a column, and says which ones it has.
 */
export function renameColumns(rows: readonly Row[], columns: ColumnNames, source: string): Row[] {
  const names = Object.entries(columns);
  return rows.map((row, index) => {
    const missing = names.find(([, old]) => !Object.hasOwn(row, old));
    if (missing) {
      const there = Object.keys(row).map((name) => `'${name}'`).join(', ');
      throw new R5Error(`${source}, row ${index + 1}, has no column '${missing[1]}' (wanted as '${missing[0]}'); it has ${there || 'none'}.`);
    }
    return { ...row, ...Object.fromEntries(names.map(([name, old]) => [name, row[old]])) };
  });
}
