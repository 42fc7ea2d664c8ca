/** A JSON file of rows: an array, an object with the array under `data`, or JSON Lines under the name `.json`, as many datasets have it. */
import { R5Error } from '../error.ts';
import { readJsonLines } from './json-lines.ts';
import { asRow, isRow, type Row } from './row.ts';
import { textLines, textPieces } from './text-lines.ts';

/** Rows of the file. Throws R5Error that names the file, and the row that is no object. */
export async function readJsonRows(path: string): Promise<Row[]> {
  if (await isJsonLines(path)) return readJsonLines(path);
  const value = parseWhole(await readText(path), path);
  const rows = isRow(value) ? value.data : value;
  if (!Array.isArray(rows)) {
    const keys = isRow(value) ? ` It is an object with ${Object.keys(value).map((key) => `'${key}'`).join(', ') || 'no keys'}.` : '';
    throw new R5Error(`${path} must hold an array of rows, or an object with such an array under 'data'.${keys}`);
  }
  return rows.map((row: unknown, index) => asRow(row, `${path}, row ${index + 1},`));
}

/** Whether the first line that is not empty is a whole object, with another line behind it. */
async function isJsonLines(path: string): Promise<boolean> {
  let first: string | undefined;
  for await (const { line } of textLines(path)) {
    const text = line.trim();
    if (text === '') continue;
    if (first !== undefined) return true;
    if (!text.startsWith('{') || !isWhole(text)) return false;
    first = text;
  }
  return false;
}

function isWhole(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

async function readText(path: string): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of textPieces(path)) pieces.push(piece);
  return pieces.join('');
}

function parseWhole(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new R5Error(`${path} is not valid JSON: ${error.message}.`, { cause: error });
  }
}
