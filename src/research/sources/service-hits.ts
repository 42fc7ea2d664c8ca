/** What a service found, as hits that a query allows. */
import { DEFAULT_COUNT, type SearchHit, type SearchQuery, type SearchResult } from '../search-source.ts';
import { parseHtml } from '../web/dom.ts';
import { toLine } from '../web/visible-text.ts';

/** Text of a snippet or title that may hold tags and entities. */
const plainText = (html: string | null | undefined): string => toLine(html == null ? '' : /[<&]/.test(html) ? (parseHtml(html.replace(/<(?=[^a-z/!])/gi, '&lt;')).body.textContent ?? '') : html);

/** A hit without the fields that are empty. */
export function toHit(hit: Omit<SearchHit, 'publishedAt' | 'text' | 'authors'> & { publishedAt?: string | null | undefined; text?: string | null | undefined; authors?: readonly string[] | undefined }): SearchHit {
  const { publishedAt, text, authors, ...rest } = hit;
  return {
    ...rest,
    title: plainText(rest.title) || rest.url,
    snippet: plainText(rest.snippet),
    ...(publishedAt != null && publishedAt !== '' && { publishedAt }),
    ...(text != null && text.trim() !== '' && { text }),
    ...(authors !== undefined && authors.length > 0 && { authors }),
  };
}

/** The hits that a query allows: services take its bounds as hints, or not at all. A hit without a date passes. */
export function within(hits: readonly SearchHit[], { count = DEFAULT_COUNT, includeDomains = [], excludeDomains = [], publishedAfter, publishedBefore }: SearchQuery, cost?: number): SearchResult {
  const allowed = hits.filter(({ url, publishedAt }) => {
    const host = URL.parse(url)?.hostname ?? '';
    const isOf = (domain: string): boolean => host === domain.toLowerCase() || host.endsWith(`.${domain.toLowerCase()}`);
    if (includeDomains.length > 0 && !includeDomains.some(isOf)) return false;
    if (excludeDomains.some(isOf)) return false;
    if (publishedAt === undefined) return true;
    // Compared as far as both are known: a year may be all that is said.
    const isBefore = (bound: string): boolean => publishedAt.slice(0, 10) < bound.slice(0, Math.min(10, publishedAt.length));
    const isAfter = (bound: string): boolean => publishedAt.slice(0, Math.min(10, bound.length)) > bound.slice(0, 10);
    return !(publishedAfter !== undefined && isBefore(publishedAfter)) && !(publishedBefore !== undefined && isAfter(publishedBefore));
  });
  return { hits: allowed.slice(0, count), ...(cost !== undefined && { cost }) };
}
