/** The tool `search`: what the server's sources find, as one list. */
import { z } from 'zod';
import { oneLine } from '../../research/loop/choose-pages.ts';
import { neutralized } from '../../research/loop/outside-text.ts';
import type { SearchHit, SearchQuery } from '../../research/search-source.ts';
import type { TogetherResult } from '../../research/sources/search-together.ts';
import { outsideBlock } from './outside-block.ts';

const MOST_SNIPPET = 600;
const day = z.iso.date();
/** Language, script and region: what sources make something of. Any other text would be taken for English by some, and be an error for others. */
const LANGUAGE = /^[a-z]{2,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?$/i;

export const searchInput = {
  query: z.string().trim().min(1).describe('words to search for'),
  count: z.int().min(1).max(50).default(10).describe('most results'),
  include_domains: z.array(z.string().min(1)).optional().describe('only from these domains'),
  exclude_domains: z.array(z.string().min(1)).optional().describe('not from these domains'),
  published_after: day.optional().describe('only what was published on this day or later, as 2024-12-31'),
  published_before: day.optional().describe('only what was published on this day or earlier'),
  category: z.enum(['general', 'news', 'papers', 'code']).optional().describe('what kind of documents'),
  language: z.string().regex(LANGUAGE, 'a language is written as en or pt-BR').optional().describe('language of the documents, as en or pt-BR'),
};
const schema = z.object(searchInput);

export function searchQuery(input: z.output<typeof schema>): SearchQuery {
  const { query, count, include_domains: includeDomains, exclude_domains: excludeDomains, published_after: publishedAfter, published_before: publishedBefore, category, language } = input;
  return {
    query,
    count,
    ...(includeDomains && { includeDomains }),
    ...(excludeDomains && { excludeDomains }),
    ...(publishedAfter !== undefined && { publishedAfter }),
    ...(publishedBefore !== undefined && { publishedBefore }),
    ...(category && { category }),
    ...(language !== undefined && { language }),
  };
}

/** The hits as a text for a model, and what could not be searched. */
export function shownHits({ query }: Pick<SearchQuery, 'query'>, { hits, failures }: TogetherResult): string {
  const failed = failures.map(({ source, error }) => `Could not be searched: ${source}: ${neutralized(oneLine(error.message, 300))}`);
  if (hits.length === 0) return [`Nothing was found for "${query}".`, ...failed].join('\n');
  const text = hits.map((hit, index) => `${index + 1}. ${shownHit(hit)}`).join('\n');
  return [outsideBlock({ name: 'search results', origin: 'search-snippet', text }), ...failed].join('\n\n');
}

function shownHit({ url, title, snippet, source, publishedAt, authors = [] }: SearchHit): string {
  const facts = [`source: ${source}`, ...(publishedAt === undefined ? [] : [`published: ${publishedAt.slice(0, 10)}`]), ...(authors.length === 0 ? [] : [`by: ${oneLine(authors.join(', '), 200)}`])];
  return [oneLine(title, 200), url, facts.join('; '), oneLine(snippet, MOST_SNIPPET)].join('\n   ');
}
