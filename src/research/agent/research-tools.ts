/** The tools of an agent that researches: `search`, and `read` where there are pages to read. Training and use share them. */
import { z } from 'zod';
import { defineTool, type Tool } from '../../task/tool.ts';
import type { ReadableDocument } from '../readable-document.ts';
import type { SearchHit } from '../search-source.ts';
import { passagesFor } from '../loop/passages-for.ts';
import { evidenceLine, plainLine } from './evidence-lines.ts';

/** What the tools need of whoever runs them. */
export interface ResearchAccess {
  /** Best first. A text in their place says why nothing is searched for. */
  search(query: string, signal: AbortSignal): Promise<readonly SearchHit[] | string>;
  /** The document of a hit. */
  read(hit: SearchHit, signal: AbortSignal): Promise<FoundDocument>;
  /** Makes a passage evidence, and gives its id; the same passage has the same id. Undefined where it cannot be quoted. */
  cite(document: FoundDocument, quote: string): string | undefined;
}

export interface FoundDocument extends Pick<ReadableDocument, 'title' | 'text' | 'passages'> {
  /** The same for the same text of the same address. */
  id: string;
}

export interface ResearchToolsOptions {
  /** The question, which decides what of a long page is shown. */
  question: string;
  /** Whether there are pages that a search shows only in part. */
  reads: boolean;
  /** Most characters of a page, where they are to be fewer than usual. */
  pageCharacters?: number;
  /** Longest time of a call. Default: that of all tools. */
  timeoutMs?: number;
}

export const SEARCH = 'search';
const READ = 'read';

/** A text up to this length is shown with the search that found it. */
const SHORT_TEXT = 1500;
/** So many texts a search; a small model loses itself in more. */
const MOST_TEXTS = 2;
/** Pages listed to be read. */
const MOST_PAGES = 6;
/** Characters of a page that is read. */
const PAGE_ROOM = 3000;

/** For one episode: numbers of pages and ids of evidence go on from call to call. */
export function researchTools(access: ResearchAccess, { question, reads, pageCharacters = PAGE_ROOM, timeoutMs }: ResearchToolsOptions): Tool[] {
  const room = Math.min(PAGE_ROOM, pageCharacters);
  const pages: SearchHit[] = [];
  const limit = timeoutMs === undefined ? {} : { timeoutMs };
  const search = defineTool({
    name: SEARCH,
    description: 'Searches the sources for words and shows what fits best.',
    parameters: z.object({ query: z.string().describe('words to look for, such as a name') }),
    run: async ({ query }, { signal }) => {
      const hits = await access.search(query, signal);
      if (typeof hits === 'string') return hits;
      const texts = hits.filter(isShort).slice(0, MOST_TEXTS);
      const shown: string[] = [];
      for (const hit of texts) shown.push(...passageLines(access, await access.read(hit, signal), { question, room }));
      if (reads) shown.push(...listed(hits.filter((hit) => !texts.includes(hit)).slice(0, MOST_PAGES), pages));
      return shown.length === 0 ? 'nothing found' : shown.join('\n');
    },
    ...limit,
  });
  const read = defineTool({
    name: READ,
    description: 'Opens a page that a search has listed, and shows the passages that fit the question best.',
    parameters: z.object({ number: z.coerce.number().int().describe('of the page in the list') }),
    run: async ({ number }, { signal }) => {
      const page = pages[number - 1];
      if (page === undefined) return pages.length === 0 ? 'There is no page yet; search first.' : `There is no page ${number}; there are 1 to ${pages.length}.`;
      const lines = passageLines(access, await access.read(page, signal), { question, room });
      return lines.length === 0 ? 'The page holds no text.' : lines.join('\n');
    },
    ...limit,
  });
  return reads ? [search, read] : [search];
}

const isShort = ({ text }: SearchHit): boolean => text !== undefined && text.trim() !== '' && text.length <= SHORT_TEXT;

function passageLines(access: ResearchAccess, document: FoundDocument, { question, room }: { question: string; room: number }): string[] {
  const passages = document.text.length <= Math.min(SHORT_TEXT, room) ? [document.text] : passagesFor(document, question, room).passages.map(({ start, end }) => document.text.slice(start, end));
  return passages.flatMap((passage) => {
    const quote = passage.trim();
    const id = quote === '' ? undefined : access.cite(document, quote);
    return id === undefined ? [] : [evidenceLine({ id, text: quote }, document.title)];
  });
}

/** Lines of the list; each page is added to `pages` and has its place there as its number. */
function listed(hits: readonly SearchHit[], pages: SearchHit[]): string[] {
  return hits.map((hit) => {
    const known = pages.findIndex(({ url }) => url === hit.url);
    const number = known >= 0 ? known + 1 : pages.push(hit);
    return `${number}. ${plainLine(hit.title).slice(0, 150)}: ${plainLine(hit.snippet).slice(0, 200)}`;
  });
}
