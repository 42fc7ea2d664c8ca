/** Finds where a quote stands in a text. What is not there word for word is not found: there is no similarity and no guessing. */
import { comparableText, type ComparableText } from './comparable-text.ts';

export interface Span {
  start: number;
  /** Exclusive. */
  end: number;
}

/** How far apart in the text the parts of a quote with elisions may be. */
const NEAR_CHARACTERS = 400;

/** A part between elisions says something only when it is at least so long. */
const SHORTEST_PART = 8;

/**
 * The span of `text` that `quote` repeats, or undefined. Tried in this order: as it is; with what typesetting changes made equal; and
 * with `...` in the quote standing for a stretch that was left out, where each part must be there, in order and near the one before.
 * The case of the quote's first letter may differ. A quote never starts or ends inside a word or a number.
 */
export function locateQuote(text: string, quote: string): Span | undefined {
  const wanted = quote.trim();
  if (!/[\p{L}\p{N}]/u.test(wanted)) return undefined;
  const exact = findWhole(text, wanted, 0);
  if (exact !== undefined) return { start: exact, end: exact + wanted.length };
  const plainQuote = trimmed(comparableText(wanted).text);
  for (const joinLines of text.includes('-\n') ? [false, true] : [false]) {
    const comparable = comparableText(text, { joinLines });
    const found = findParts(comparable.text, [plainQuote]) ?? findElided(comparable.text, plainQuote);
    if (found !== undefined) return originalSpan(comparable, found);
  }
  return undefined;
}

/** Marks around a quote and the dots at its ends are the writer's, not the source's. */
function trimmed(quote: string): string {
  const inner = quote.replace(/^["'\s]+|["'\s]+$/g, '').replace(/^(?:\[?\.\.\.\]?\s*)+|(?:\s*\[?\.\.\.\]?)+$/g, '').trim();
  return inner === '' ? quote : inner;
}

function findElided(text: string, quote: string): Span | undefined {
  const parts = quote.split(/\s*(?:\[\.\.\.\]|\(\.\.\.\)|\.\.\.)\s*/).filter((part) => part !== '');
  if (parts.length < 2 || parts.some((part) => part.length < SHORTEST_PART)) return undefined;
  return findParts(text, parts);
}

function findParts(text: string, [first = '', ...rest]: readonly string[]): Span | undefined {
  for (let start = findWhole(text, first, 0); start !== undefined; start = findWhole(text, first, start + 1)) {
    let end: number | undefined = start + first.length;
    for (const part of rest) {
      const next: number | undefined = findWhole(text, part, end);
      end = next === undefined || next - end > NEAR_CHARACTERS ? undefined : next + part.length;
      if (end === undefined) break;
    }
    if (end !== undefined) return { start, end };
  }
  return undefined;
}

/** First place from `from` on where `part` stands as whole words, its first letter in either case. */
function findWhole(text: string, part: string, from: number): number | undefined {
  const [first = ''] = part;
  const spellings = new Set([part, first.toUpperCase() + part.slice(first.length), first.toLowerCase() + part.slice(first.length)]);
  const places = [...spellings].flatMap((spelling) => {
    if (spelling.length !== part.length) return [];
    for (let at = text.indexOf(spelling, from); at >= 0; at = text.indexOf(spelling, at + 1)) {
      if (isEdge(text, at) && isEdge(text, at + part.length)) return [at];
    }
    return [];
  });
  return places.length === 0 ? undefined : Math.min(...places);
}

/** Scripts that are written without spaces have no edges to keep. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;

/** Whether no word or number runs over the place `at`. */
function isEdge(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 2), at);
  const after = text.slice(at, at + 2);
  if (/\d$/.test(before) && /^(?:\d|[.,'\u2019]\d)/.test(after)) return false;
  if (/\d[.,'\u2019]$/.test(before) && /^\d/.test(after)) return false;
  if (/(?:^|\s)[-\u2212\u2013+]$/.test(before) && /^\d/.test(after)) return false;
  const last = [...before].at(-1) ?? '';
  const next = [...after][0] ?? '';
  if (UNSPACED.test(last) || UNSPACED.test(next)) return true;
  return !(/[\p{L}\p{M}\p{N}]/u.test(last) && /[\p{L}\p{M}\p{N}]/u.test(next));
}

function originalSpan({ starts, ends }: ComparableText, { start, end }: Span): Span | undefined {
  const first = starts[start];
  const last = ends[end - 1];
  return first === undefined || last === undefined ? undefined : { start: first, end: last };
}
