/** Rows of a dataset, from wherever it lies: a file, a folder, or a dataset on the Hugging Face hub. */
import { renameColumns, type ColumnNames } from './columns.ts';
import { readJsonLines } from './json-lines.ts';
import type { Row } from './row.ts';

export interface LoadDatasetOptions {
  /** `train`, `test`, `validation` or what the data calls it. */
  split?: string | undefined;
  /** Configuration of a dataset that has several. */
  config?: string | undefined;
  columns?: ColumnNames | undefined;
  onProgress?: ((progress: unknown) => void) | undefined;
}

/** All rows of the split, as plain JSON values. */
export async function loadDataset(source: string, { columns = {} }: LoadDatasetOptions = {}): Promise<Row[]> {
  return renameColumns(await readJsonLines(source), columns, source);
}
