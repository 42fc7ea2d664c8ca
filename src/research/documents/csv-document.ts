/** A table of values: each row becomes a line that stands by itself, its values under the names of their columns. */
import { parse } from 'csv-parse/sync';
import type { ReadableDocument } from '../readable-document.ts';
import { SourceError } from '../source-error.ts';
import { buildDocument } from '../web/document-builder.ts';

const DELIMITERS = [',', ';', '\t', '|'];

/** Throws SourceError (`unreadable`) with the line that does not fit. */
export function readCsv(text: string, name: string): ReadableDocument {
  const [names = [], ...rows] = parseRows(text, name);
  // A single row is data, not names.
  const lines = rows.length === 0 ? [names.join(', ')] : rows.map((row) => row.flatMap((value, index) => (value === '' ? [] : [`${names[index] || `column ${index + 1}`}: ${value}`])).join('; '));
  const built = buildDocument(lines.map((line, index) => ({ text: line, markdown: `- ${line}`, isTight: index > 0 })));
  if (built.text === '') throw new SourceError('unreadable', `${name} holds no rows.`);
  return { title: name, ...built };
}

function parseRows(text: string, name: string): string[][] {
  const firstLine = /^[^\r\n]*/.exec(text)?.[0] ?? '';
  const counted = DELIMITERS.map((delimiter) => ({ delimiter, count: firstLine.split(delimiter).length }));
  const { delimiter } = counted.reduce((best, one) => (one.count > best.count ? one : best));
  try {
    return parse(text, { bom: true, delimiter, relax_column_count: true, relax_quotes: true, skip_empty_lines: true, trim: true });
  } catch (cause) {
    throw new SourceError('unreadable', `${name} cannot be read as a table (${cause instanceof Error ? cause.message : String(cause)}).`, { cause });
  }
}
