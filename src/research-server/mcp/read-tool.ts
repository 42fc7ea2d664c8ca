/** The tool `read`: a page or document as text, in parts that fit a model. */
import { z } from 'zod';
import { R5Error } from '../../error.ts';
import { oneLine } from '../../research/loop/choose-pages.ts';
import { neutralized, type OutsideText } from '../../research/loop/outside-text.ts';
import type { SourceDocument } from '../../research/search-source.ts';
import { outsideBlock } from './outside-block.ts';

export const readInput = {
  url: z.string().trim().min(1).describe('address of a page, or of a document that a search has found (file:...)'),
  offset: z.int().nonnegative().default(0).describe('character to begin at; the outline and the end of each part give such numbers'),
  characters: z.int().min(500).max(100_000).default(20_000).describe('most characters to return'),
};

/** A longer outline helps nobody. */
const MOST_PLACES = 80;

/** Throws R5Error for an offset that lies behind the end. */
export function shownPart(document: SourceDocument, { offset, characters }: { offset: number; characters: number }): string {
  const { text, finalUrl, mediaType, origin, retrievedAt } = document;
  if (offset > 0 && offset >= text.length) throw new R5Error(`The offset ${offset} lies behind the end of the text, which has ${text.length} characters.`);
  const end = partEnd(text, offset, characters);
  const outline = outlineOf(document, offset, end);
  const blocks: OutsideText[] = [
    { name: 'about the document', origin, text: factsOf(document).join('\n') },
    ...(outline.length === 0 ? [] : [{ name: 'outline', origin, text: outline.join('\n') }]),
    { name: 'text', origin, text: text.slice(offset, end) },
  ];
  return [
    `${neutralized(oneLine(finalUrl, 2000))} (${mediaType}, read ${retrievedAt.slice(0, 10)}): characters ${offset} to ${end} of ${text.length}.`,
    outsideBlock(...blocks),
    end < text.length ? `There is more: read on with offset ${end}.` : 'This is the end of the document.',
  ].join('\n\n');
}

function factsOf({ title, byline, siteName, publishedAt, language }: SourceDocument): string[] {
  const facts = { title, author: byline, site: siteName, published: publishedAt, language };
  return Object.entries(facts).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [`${name}: ${oneLine(value, 300)}`]));
}

/** Where pages and sections begin: of the whole document with its first part, else of the part. */
function outlineOf({ passages }: SourceDocument, offset: number, end: number): string[] {
  const places: string[] = [];
  let before = '';
  for (const { start, headings, page } of passages) {
    const place = [...(page === undefined ? [] : [`page ${page}`]), ...(headings.length === 0 ? [] : [oneLine(headings.join(' › '), 200)])].join(', ');
    if (place === '' || place === before) continue;
    before = place;
    if (offset === 0 || (start >= offset && start < end)) places.push(`${start}: ${place}`);
  }
  return places.length <= MOST_PLACES ? places : [...places.slice(0, MOST_PLACES), `and ${places.length - MOST_PLACES} more places`];
}

/** Ends at a line break or a space where there is one in the last fifth, and never within a character. */
function partEnd(text: string, offset: number, characters: number): number {
  const most = offset + characters;
  if (most >= text.length) return text.length;
  const least = offset + Math.floor(characters * 0.8);
  const cut = [text.lastIndexOf('\n', most - 1), text.lastIndexOf(' ', most - 1)].find((at) => at >= least);
  if (cut !== undefined) return cut + 1;
  const isPair = /[\ud800-\udbff]/.test(text[most - 1] ?? '');
  return isPair ? most - 1 : most;
}
