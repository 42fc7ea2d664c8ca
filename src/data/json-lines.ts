/** JSON Lines: one object a line. */
import { R5Error } from '../error.ts';
import { asRow, type Row } from './row.ts';
import { textLines } from './text-lines.ts';

/** Rows of the file; empty lines are passed over. Throws R5Error that names the file and the line. */
export async function readJsonLines(path: string): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { line, number } of textLines(path)) {
    if (line.trim() !== '') rows.push(asRow(parseLine(line, path, number), `${path}, line ${number},`));
  }
  return rows;
}

function parseLine(line: string, path: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new R5Error(`${path}, line ${number}, is not valid JSON: ${error.message}.`, { cause: error });
  }
}
