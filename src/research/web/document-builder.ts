/** Puts a document together from its blocks: the text that quotes are checked against, the Markdown, and passages with their headings. */
import type { Passage } from '../readable-document.ts';

/** A paragraph, a heading, a list item, a row, a listing. */
export interface Block {
  text: string;
  /** How it is written in Markdown. */
  markdown: string;
  /** 1 to 6, of a heading. */
  level?: number;
  /** Follows the block before it on the next line, as list items and rows do. */
  isTight?: boolean;
  /** From 1, in documents that have pages. */
  page?: number;
}

export interface BuiltDocument {
  text: string;
  markdown: string;
  passages: readonly Passage[];
}

/** Blocks are gathered into passages up to this many characters; a longer block is cut between sentences. */
const PASSAGE_CHARACTERS = 1200;

/** The documents' text, Markdown and passages. A passage lies under one heading, on one page. */
export function buildDocument(blocks: readonly Block[]): BuiltDocument {
  const state = { text: '', markdown: '', passages: [] as Passage[] };
  const headings: { level: number; text: string }[] = [];
  let open: Passage | undefined;
  const close = (): void => {
    if (open !== undefined) for (const piece of cut(open, state.text)) state.passages.push(piece);
    open = undefined;
  };
  for (const block of blocks) {
    if (block.text.trim() === '') continue;
    const gap = block.isTight === true ? '\n' : '\n\n';
    if (state.text !== '') state.text += gap;
    if (state.markdown !== '') state.markdown += gap;
    const start = state.text.length;
    state.text += block.text;
    state.markdown += block.markdown;
    const end = state.text.length;
    if (block.level !== undefined) {
      close();
      while ((headings.at(-1)?.level ?? 0) >= block.level) headings.pop();
      headings.push({ level: block.level, text: block.text });
      continue;
    }
    if (open !== undefined && (end - open.start > PASSAGE_CHARACTERS || open.page !== block.page)) close();
    open = { start: open?.start ?? start, end, headings: headings.map(({ text }) => text), ...(block.page !== undefined && { page: block.page }) };
  }
  close();
  // A text of headings only can be quoted all the same.
  if (state.passages.length === 0 && state.text !== '') state.passages.push({ start: 0, end: state.text.length, headings: [] });
  return state;
}

/** A passage that is too long, in pieces that end where sentences end, or words where a sentence is too long. */
function cut(passage: Passage, text: string): Passage[] {
  if (passage.end - passage.start <= 2 * PASSAGE_CHARACTERS) return [passage];
  const pieces: Passage[] = [];
  let start = passage.start;
  for (const end of breaks(text.slice(passage.start, passage.end)).map((offset) => passage.start + offset)) {
    if (end - start < PASSAGE_CHARACTERS && end !== passage.end) continue;
    pieces.push({ ...passage, start, end: start + text.slice(start, end).trimEnd().length });
    start = end;
  }
  return pieces.filter((piece) => piece.end > piece.start);
}

/** Offsets at which a text may be cut: after sentences, and within those that are longer than a passage, after words. */
function breaks(text: string): number[] {
  const segments = (granularity: 'sentence' | 'word', of: string): { index: number; segment: string }[] => [...new Intl.Segmenter(undefined, { granularity }).segment(of)];
  return segments('sentence', text).flatMap(({ index, segment }) => {
    if (segment.length <= PASSAGE_CHARACTERS) return [index + segment.length];
    const words = segments('word', segment).map((word) => index + word.index + word.segment.length);
    return words.filter((offset) => offset === index + segment.length || /\s/.test(text[offset - 1] ?? ''));
  });
}
