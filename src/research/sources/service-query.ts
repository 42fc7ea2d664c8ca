/** A query in the forms that services take. */
import type { SearchQuery } from '../search-source.ts';
import { isTelling, wordsOf } from '../documents/words.ts';

/** A query's words with its domains as operators, for engines that know `site:`. */
export function withSites({ query, includeDomains = [], excludeDomains = [] }: SearchQuery): string {
  const only = includeDomains.map((domain) => `site:${domain}`).join(' OR ');
  return [query, ...(only === '' ? [] : [includeDomains.length > 1 ? `(${only})` : only]), ...excludeDomains.map((domain) => `-site:${domain}`)].join(' ');
}

/** The words of a query that tell something, as they are written; for indexes that want every word of a question in the document. */
export function tellingWords(query: string): string[] {
  const words = query.match(/[\p{L}\p{N}\p{M}]+(?:[-'’.][\p{L}\p{N}\p{M}]+)*/gu) ?? [];
  const telling = words.filter((word) => wordsOf(word).some(isTelling));
  return telling.length > 0 ? telling : words;
}

/** Asks for all words; where nothing holds them all, for any. */
export async function allThenAny<Item>(query: string, ask: (words: string) => Promise<readonly Item[]>): Promise<readonly Item[]> {
  const words = tellingWords(query);
  const all = await ask(words.join(' '));
  return all.length > 0 || words.length < 2 ? all : ask(words.join(' OR '));
}

/** The day of a date or moment, ISO 8601. */
export const dayOf = (date: string): string => date.slice(0, 10);
