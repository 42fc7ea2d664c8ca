import { z } from 'zod';
import { DEFAULT_COUNT, type SearchSource } from '../search-source.ts';
import { snippetOf } from '../documents/snippet.ts';
import { queryWords } from '../documents/words.ts';
import { requireKey, Service, type ServiceSettings } from './service.ts';
import { toHit, within } from './service-hits.ts';
import { dayOf } from './service-query.ts';

const answer = z.object({
  results: z.array(z.object({
    url: z.string(), title: z.string().nullish(), publishedDate: z.string().nullish(), author: z.string().nullish(), text: z.string().nullish(),
  })),
  costDollars: z.object({ total: z.number() }).nullish(),
});
const CATEGORIES = { general: undefined, news: 'news', papers: 'publication', code: undefined };
const TEXT_CHARACTERS = 100_000;
const SNIPPET_CHARACTERS = 500;

const DESCRIPTION = { name: 'exa', title: 'Exa', baseUrl: 'https://api.exa.ai', keyVariable: 'EXA_API_KEY', keyAddress: 'https://dashboard.exa.ai' };

/**
 * Exa, https://exa.ai/docs/reference/search; names of fields and categories as in its own client (exa-labs/exa-js, 2026). Gives the pages' texts with
 * the hits, and what a search cost. Highlights are a second view of the same page that is charged once more, so the snippet is cut from the text here.
 */
export function exaSource(settings: ServiceSettings): SearchSource {
  const key = requireKey(settings.key, DESCRIPTION);
  const service = new Service(DESCRIPTION, settings);
  return {
    name: service.name,
    async search(query, options) {
      const { count = DEFAULT_COUNT, includeDomains = [], excludeDomains = [], publishedAfter, publishedBefore, category = 'general' } = query;
      const body = {
        query: query.query,
        numResults: Math.min(count, 100),
        ...(includeDomains.length > 0 && { includeDomains }),
        ...(excludeDomains.length > 0 && { excludeDomains }),
        ...(publishedAfter !== undefined && { startPublishedDate: `${dayOf(publishedAfter)}T00:00:00.000Z` }),
        ...(publishedBefore !== undefined && { endPublishedDate: `${dayOf(publishedBefore)}T23:59:59.999Z` }),
        ...(CATEGORIES[category] !== undefined && { category: CATEGORIES[category] }),
        contents: { text: { maxCharacters: TEXT_CHARACTERS } },
      };
      const { results, costDollars } = await service.json({ method: 'POST', path: '/search', headers: { 'x-api-key': key }, body }, answer, options);
      const words = new Set(queryWords(query.query).keys());
      const hits = results.map(({ url, title, publishedDate, author, text }) =>
        toHit({
          url, title: title ?? '', snippet: snippetOf(text ?? '', words, SNIPPET_CHARACTERS), publishedAt: publishedDate, source: service.name, origin: 'web',
          // A text that was cut is not the page.
          text: text != null && text.length < TEXT_CHARACTERS ? text : undefined,
          authors: author ? [author] : [],
        }),
      );
      return within(hits, query, costDollars?.total);
    },
  };
}
