/** Comma- or tab-separated values with a header line. Every value is text, as the format has no other type. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { R5Error } from '../error.ts';
import { asRow, type Row } from './row.ts';
import { textPieces } from './text-lines.ts';

/** Rows of the file. Throws R5Error that names the file and the line for quotes that do not close and rows of another length. */
export async function readCsvRows(path: string, delimiter: ',' | '\t'): Promise<Row[]> {
  const rows: Row[] = [];
  const parser = parse({ delimiter, bom: true, skip_empty_lines: true, columns: (header: string[]) => checkHeader(header, path) });
  try {
    await pipeline(Readable.from(textPieces(path)), parser, async (records: AsyncIterable<unknown>) => {
      for await (const record of records) rows.push(asRow(record, `${path}, row ${rows.length + 1},`));
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new R5Error(`${path} is not a table that can be read: ${error.message}.`, { cause: error });
  }
  return rows;
}

function checkHeader(header: readonly string[], path: string): string[] {
  const repeated = header.find((name, index) => header.indexOf(name) !== index);
  if (repeated !== undefined) throw new R5Error(`${path}, line 1, names the column '${repeated}' twice; each column needs a name of its own.`);
  return [...header];
}
