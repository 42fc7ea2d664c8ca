/** Files that hold rows, by their ending. */
import { R5Error } from '../error.ts';
import { readCsvRows } from './csv-rows.ts';
import { readJsonLines } from './json-lines.ts';
import { readJsonRows } from './json-rows.ts';
import { readParquetRows } from './parquet-rows.ts';
import type { Row } from './row.ts';

const READERS: Readonly<Record<string, (path: string) => Promise<Row[]>>> = {
  parquet: readParquetRows,
  jsonl: readJsonLines,
  ndjson: readJsonLines,
  json: readJsonRows,
  csv: (path) => readCsvRows(path, ','),
  tsv: (path) => readCsvRows(path, '\t'),
};

/** The endings that r5 reads, for messages. */
export const ROW_FILE_ENDINGS = '.parquet, .jsonl, .json, .csv, .tsv (text also as .gz)';

/** Format of a file by its name (`jsonl` of `train.jsonl.gz`); undefined for a file that holds no rows. */
export function rowFormat(path: string): string | undefined {
  const ending = /\.(\w+)(\.gz)?$/.exec(path.toLowerCase());
  const format = ending?.[1];
  if (format === undefined || !Object.hasOwn(READERS, format)) return undefined;
  return format === 'parquet' && ending?.[2] !== undefined ? undefined : format;
}

/** All rows of a file. Throws R5Error for an ending that r5 does not read, and for a file that is damaged. */
export async function readRowFile(path: string): Promise<Row[]> {
  const reader = READERS[rowFormat(path) ?? ''];
  if (!reader) throw new R5Error(`${path} is no file of rows that r5 reads: its name must end in ${ROW_FILE_ENDINGS}.`);
  return reader(path);
}
