/** A PDF as a document: paragraphs from the places of its letters, and the page number of every passage, for citing. */
import { getDocumentProxy, getMeta } from 'unpdf';
import type { ReadableDocument } from '../readable-document.ts';
import { SourceError } from '../source-error.ts';
import { type Block, buildDocument } from './document-builder.ts';
import { normalizeDate, withoutUndefined } from './page-metadata.ts';
import { toLine } from './visible-text.ts';

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

/** A run of letters, as the file places it. */
interface Piece {
  text: string;
  x: number;
  y: number;
  /** Height of its font, in points. */
  size: number;
  width: number;
}

interface Line {
  text: string;
  y: number;
  size: number;
}

/** A line that is this much higher than most of the document's letters is a heading. */
const HEADING_FACTOR = 1.2;
const LONGEST_HEADING = 160;

/** A longer document ends there. */
const MOST_PAGES = 1000;

export interface PdfOptions {
  /** The PDF's address, for messages, and for its title where it has none. */
  url: string;
  signal: AbortSignal;
}

/** Throws SourceError (`unreadable`) for a PDF that is broken, locked by a password, or only pictures. */
export async function readPdf(bytes: Uint8Array, { url, signal }: PdfOptions): Promise<ReadableDocument> {
  const pdf = await openPdf(bytes, url);
  try {
    const pages: Line[][] = [];
    for (let number = 1; number <= Math.min(pdf.numPages, MOST_PAGES); number++) {
      signal.throwIfAborted();
      pages.push(await readLines(pdf, number));
    }
    const bodySize = usualSize(pages.flat());
    const blocks = pages.flatMap((lines, index) => toBlocks(lines, { bodySize, page: index + 1 }));
    const built = buildDocument(blocks);
    if (built.text === '') throw new SourceError('unreadable', `${url} is a PDF without text, such as scanned pages; recognizing letters in pictures is not built in.`);
    const { info } = await getMeta(pdf);
    const said = (name: string): string => (typeof info[name] === 'string' ? toLine(info[name]) : '');
    const title = isTitle(said('Title')) ? said('Title') : titleOnPage(pages[0] ?? []);
    return withoutUndefined<ReadableDocument>({
      title: title ?? URL.parse(url)?.pathname.split('/').at(-1) ?? url,
      ...built,
      byline: said('Author'),
      excerpt: said('Subject'),
      publishedAt: pdfDate(said('CreationDate')),
      language: undefined,
      siteName: undefined,
    });
  } catch (cause) {
    if (cause instanceof SourceError || signal.aborted) throw cause;
    throw new SourceError('unreadable', `${url} is a PDF that cannot be read (${cause instanceof Error ? cause.message : String(cause)}).`, { cause });
  } finally {
    await pdf.loadingTask.destroy();
  }
}

async function openPdf(bytes: Uint8Array, url: string): Promise<Pdf> {
  try {
    // The parser takes the bytes for itself, and would leave the caller an empty array.
    return await getDocumentProxy(Uint8Array.from(bytes), { verbosity: 0, stopAtErrors: false });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SourceError('unreadable', `${url} is a PDF that cannot be opened (${reason}).`, { cause });
  }
}

async function readLines(pdf: Pdf, number: number): Promise<Line[]> {
  const page = await pdf.getPage(number);
  const content = await page.getTextContent();
  const lines: Line[] = [];
  let pieces: Piece[] = [];
  const endLine = (): void => {
    const text = joinPieces(pieces);
    const [first] = pieces;
    if (first !== undefined && text !== '') lines.push({ text, y: first.y, size: largestOf(pieces) });
    pieces = [];
  };
  for (const item of content.items) {
    if (!('str' in item)) continue;
    const [, , c = 0, d = 0, x = 0, y = 0] = item.transform.map(Number);
    const size = Math.hypot(c, d);
    if (item.str !== '') {
      const previous = pieces.at(-1);
      if (previous !== undefined && Math.abs(previous.y - y) > Math.max(previous.size, size) * 0.7) endLine();
      pieces.push({ text: item.str, x, y, size, width: item.width });
    }
    if (item.hasEOL) endLine();
  }
  endLine();
  page.cleanup();
  return lines;
}

const largestOf = (sized: readonly { size: number }[]): number => sized.reduce((largest, { size }) => Math.max(largest, size), 0);

/** A space stands where a gap does, whether the file has one there or not. */
function joinPieces(pieces: readonly Piece[]): string {
  let text = '';
  for (const [index, piece] of pieces.entries()) {
    const previous = pieces[index - 1];
    const gap = previous === undefined ? 0 : piece.x - (previous.x + previous.width);
    text += gap > piece.size * 0.2 && !text.endsWith(' ') ? ` ${piece.text}` : piece.text;
  }
  return toLine(text);
}

/** Lines of a page as paragraphs: a new one begins after a wider gap, at a jump upwards (a new column), and where the size of the letters changes. */
function toBlocks(lines: readonly Line[], { bodySize, page }: { bodySize: number; page: number }): Block[] {
  const blocks: Block[] = [];
  const gaps = lines.slice(1).map((line, index) => (lines[index]?.y ?? line.y) - line.y);
  // Lines within a paragraph lie closer than twice their height.
  const usualGap = median(gaps.filter((gap) => gap > 0 && gap < 2 * bodySize)) || 1.2 * bodySize;
  let previous: Line | undefined;
  for (const line of lines) {
    const isHeading = line.size >= bodySize * HEADING_FACTOR && line.text.length <= LONGEST_HEADING && /\p{L}/u.test(line.text);
    const gap = previous === undefined ? 0 : previous.y - line.y;
    const goesOn = previous !== undefined && gap >= 0 && gap <= Math.max(usualGap, line.size * 1.1) * 1.4 && Math.abs(previous.size - line.size) < 0.15 * bodySize;
    const last = blocks.at(-1);
    if (last !== undefined && goesOn && isHeading === (last.level !== undefined)) {
      last.text = joinLines(last.text, line.text);
      last.markdown = isHeading ? `## ${last.text}` : last.text;
    } else {
      blocks.push({ text: line.text, markdown: isHeading ? `## ${line.text}` : line.text, page, ...(isHeading && { level: 2 }) });
    }
    previous = line;
  }
  return blocks;
}

/** A word that was divided at the end of a line is put together again. */
const joinLines = (before: string, after: string): string => (/\p{L}-$/u.test(before) && /^\p{Ll}/u.test(after) ? before.slice(0, -1) + after : `${before} ${after}`);

/** The size of most of the document's letters. */
function usualSize(lines: readonly Line[]): number {
  const letters = new Map<number, number>();
  for (const { size, text } of lines) letters.set(Math.round(size * 2) / 2, (letters.get(Math.round(size * 2) / 2) ?? 0) + text.length);
  return [...letters].toSorted(([, left], [, right]) => right - left)[0]?.[0] ?? 0;
}

const median = (numbers: readonly number[]): number => numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? 0;

/** Titles that programs put in by themselves are none. */
const isTitle = (text: string): boolean => text.length > 2 && !/^(?:untitled|microsoft word|powerpoint|slide \d|.*\.(?:docx?|tex|dvi|indd|pdf|pptx?)$)/i.test(text);

/** The largest letters of the first page. */
function titleOnPage(lines: readonly Line[]): string | undefined {
  const largest = largestOf(lines);
  const first = lines.findIndex(({ size }) => size === largest);
  const title: string[] = [];
  for (const line of lines.slice(Math.max(0, first))) {
    if (line.size < largest || title.length === 3) break;
    title.push(line.text);
  }
  return title.length === 0 ? undefined : title.join(' ').slice(0, 300);
}

/** `D:20240131120000+01'00'`: the day. */
function pdfDate(text: string): string | undefined {
  const [, year, month = '01', day = '01'] = /^D:(\d{4})(\d{2})?(\d{2})?/.exec(text) ?? [];
  return year === undefined ? undefined : normalizeDate(`${year}-${month}-${day}`);
}
