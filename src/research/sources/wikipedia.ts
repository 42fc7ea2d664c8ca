import { z } from 'zod';
import type { SearchSource } from '../search-source.ts';
import { SourceError } from '../source-error.ts';
import { allThenAny, DEFAULT_COUNT, Service, type ServiceSettings, toHit, within } from './service.ts';

const answer = z.object({
  error: z.object({ code: z.string(), info: z.string() }).nullish(),
  query: z.object({ search: z.array(z.object({ title: z.string(), snippet: z.string(), timestamp: z.string().nullish() })) }).nullish(),
}).refine(({ error, query }) => error != null || query != null, { error: 'neither query nor error' });

/** Wikipedia in the language of the query, English by default; it needs no key. */
export function wikipediaSource(settings: Pick<ServiceSettings, 'baseUrl'> = {}): SearchSource {
  return {
    name: 'wikipedia',
    async search(query, options) {
      const language = /^[a-z]{2,3}\b/.exec(query.language?.toLowerCase() ?? '')?.[0] ?? 'en';
      const site = `https://${language}.wikipedia.org`;
      const service = new Service({ name: 'wikipedia', title: 'Wikipedia', baseUrl: site }, settings);
      const found = await allThenAny(query.query, async (words) => {
        const parameters = { action: 'query', list: 'search', format: 'json', formatversion: 2, srsearch: words, srlimit: Math.min(query.count ?? DEFAULT_COUNT, 50), srprop: 'snippet|timestamp' };
        const { error, query: result } = await service.json({ path: '/w/api.php', parameters }, answer, options);
        // Errors come with status 200.
        if (error != null) throw new SourceError(error.code === 'ratelimited' || error.code === 'maxlag' ? 'rate-limited' : 'bad-request', `Wikipedia answered with the error ${error.code} (${error.info.slice(0, 200)}).`);
        return result?.search ?? [];
      });
      // The timestamp is that of the last edit, which is no date of publication.
      const hits = found.map(({ title, snippet }) => toHit({ url: `${site}/wiki/${encodeURIComponent(title.replaceAll(' ', '_')).replaceAll('%3A', ':').replaceAll('%2F', '/').replaceAll('%2C', ',')}`, title, snippet, source: 'wikipedia', origin: 'web' }));
      return within(hits, query);
    },
  };
}
