import { DOMParser } from 'linkedom';
import { DEFAULT_COUNT, type SearchQuery, type SearchSource } from '../search-source.ts';
import { SourceError } from '../source-error.ts';
import type { DomDocument, DomElement } from '../web/dom.ts';
import { Service, type ServiceSettings } from './service.ts';
import { toHit, within } from './service-hits.ts';
import { tellingWords } from './service-query.ts';

/** As its terms of use ask (https://info.arxiv.org/help/api/tou.html): one request in three seconds. */
const GAP_MS = 3000;

/** arXiv, https://info.arxiv.org/help/api/user-manual.html; it needs no key. The snippet is the whole abstract. */
export function arxivSource(settings: Pick<ServiceSettings, 'baseUrl'> = {}): SearchSource {
  const service = new Service({ name: 'arxiv', title: 'arXiv', baseUrl: 'https://export.arxiv.org', gapMs: GAP_MS }, settings);
  return {
    name: service.name,
    async search(query, options) {
      const parameters = { search_query: expressionOf(query), start: 0, max_results: Math.min(query.count ?? DEFAULT_COUNT, 100), sortBy: 'relevance', sortOrder: 'descending' };
      const entries = parseFeed(await service.text({ path: '/api/query', parameters, headers: { accept: 'application/atom+xml' } }, options));
      const hits = entries.map((entry) => {
        const text = (name: string): string => childText(entry, name);
        const authors = [...entry.children].filter(({ localName }) => localName === 'author').map((author) => childText(author, 'name'));
        return toHit({ url: text('id').replace(/^http:/, 'https:'), title: text('title'), snippet: text('summary'), publishedAt: text('published'), authors, source: service.name, origin: 'web' });
      });
      return within(hits, query);
    },
  };
}

/** Any of the words, best first: few papers hold every word of a question. */
function expressionOf({ query, publishedAfter, publishedBefore }: SearchQuery): string {
  const words = tellingWords(query).map((word) => `all:${word}`).join(' OR ');
  if (publishedAfter === undefined && publishedBefore === undefined) return words;
  const digits = (date: string): string => date.slice(0, 10).replaceAll('-', '').padEnd(8, '01');
  return `(${words}) AND submittedDate:[${digits(publishedAfter ?? '1990-01-01')}0000 TO ${digits(publishedBefore ?? '2999-12-31')}2359]`;
}

/** Entries of the feed. An error comes as a feed too, with an entry that tells it. */
function parseFeed(xml: string): DomElement[] {
  const document: Pick<DomDocument, 'documentElement'> = new DOMParser().parseFromString(xml, 'text/xml');
  const root = document.documentElement;
  if (root === null || root.localName !== 'feed') throw new SourceError('unreadable', 'arXiv answered with something that is no feed; something between here and export.arxiv.org answers in its place.');
  const entries = [...root.children].filter(({ localName }) => localName === 'entry');
  const failed = entries.find((entry) => childText(entry, 'id').includes('/api/errors'));
  if (failed !== undefined) throw new SourceError('bad-request', `arXiv does not take the query (${childText(failed, 'summary').slice(0, 200)}).`);
  return entries;
}

const childText = (element: DomElement, name: string): string => ([...element.children].find(({ localName }) => localName === name)?.textContent ?? '').replace(/\s+/g, ' ').trim();
