import type { InkSpan } from './ink.ts';
import { columnsOf } from './printable.ts';

/**
 * Spans as lines of at most `columns` columns, broken at line ends and, where a line is too long, after the last blank that fits or within the
 * word. A line end that has an ink is shown as ↵, since its token would not be seen otherwise.
 */
export function wrapSpans(spans: readonly InkSpan[], columns: number): InkSpan[][] {
  const lines: Cell[][] = [[]];
  for (const cell of spans.flatMap(cellsOf)) {
    const line = lines.at(-1) ?? [];
    if (cell.text === '\n') {
      if (cell.ink !== undefined) line.push({ ...cell, text: '↵' });
      lines.push([]);
    } else line.push(cell);
  }
  return lines.flatMap((line) => broken(line, Math.max(1, columns))).map(joined);
}

interface Cell extends InkSpan {
  width: number;
}

function cellsOf({ text, ink }: InkSpan): Cell[] {
  return [...text].map((character) => ({ text: character, ink, width: columnsOf(character) }));
}

function broken(line: readonly Cell[], columns: number): Cell[][] {
  const rows: Cell[][] = [];
  let row: Cell[] = [];
  let width = 0;
  for (const cell of line) {
    if (width + cell.width > columns) {
      const blank = row.findLastIndex(({ text }) => text === ' ');
      const rest = blank > columns / 2 ? row.splice(blank + 1) : [];
      rows.push(row);
      row = rest;
      width = rest.reduce((sum, { width: wide }) => sum + wide, 0);
    }
    row.push(cell);
    width += cell.width;
  }
  return [...rows, row];
}

/** Neighbours of the same ink as one span. */
function joined(cells: readonly Cell[]): InkSpan[] {
  const spans: InkSpan[] = [];
  for (const { text, ink } of cells) {
    const last = spans.at(-1);
    if (last && last.ink === ink) last.text += text;
    else spans.push({ text, ink });
  }
  return spans;
}
