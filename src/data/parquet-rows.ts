/** Parquet files, the format of most datasets on the hub. */
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { R5Error } from '../error.ts';
import { fileError, systemCode } from '../hub/file-error.ts';
import { plainValue } from './plain-value.ts';
import type { Row } from './row.ts';

/** Rows of the file as plain JSON values. Throws R5Error for a file that cannot be read or is damaged. */
export async function readParquetRows(path: string): Promise<Row[]> {
  let rows: Record<string, unknown>[];
  try {
    rows = await parquetReadObjects({ file: await asyncBufferFromFile(path), compressors });
  } catch (error) {
    if (systemCode(error) !== undefined) throw fileError('read', path, error);
    const why = error instanceof Error ? error.message : String(error);
    throw new R5Error(`${path} is not a parquet file that can be read: ${why}. It may be cut off or damaged; fetch it again.`, { cause: error });
  }
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainValue(value)])));
}
