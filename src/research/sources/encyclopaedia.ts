/** The encyclopaedia that comes with r5 (real facts and invented ones) as a source: nothing is fetched, and a small model can be tried on it. */
import { encyclopaedia } from '../../task/search/encyclopaedia.ts';
import { DEFAULT_COUNT, type SearchSource } from '../search-source.ts';

export function encyclopaediaSource(): SearchSource {
  return {
    name: 'encyclopaedia',
    holdsTexts: true,
    async search({ query, count = DEFAULT_COUNT, includeDomains = [] }, { signal }) {
      signal.throwIfAborted();
      // It lies in no domain.
      if (includeDomains.length > 0) return { hits: [] };
      const articles = encyclopaedia().index().search(query, count);
      return {
        hits: articles.map(({ title, text }) => ({
          url: `r5:encyclopaedia/${encodeURIComponent(title)}`,
          title,
          snippet: text,
          text,
          source: 'encyclopaedia',
          origin: 'file',
        })),
      };
    },
  };
}
