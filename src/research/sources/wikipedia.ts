import { z } from 'zod';
import { DEFAULT_COUNT, type SearchSource } from '../search-source.ts';
import { SourceError } from '../source-error.ts';
import { USER_AGENT } from '../web/guarded-fetch.ts';
import type { Failure } from './source-http.ts';
import { Service, type ServiceSettings } from './service.ts';
import { toHit, within } from './service-hits.ts';
import { allThenAny } from './service-query.ts';

const answer = z.object({
  error: z.object({ code: z.string(), info: z.string() }).nullish(),
  query: z.object({ search: z.array(z.object({ title: z.string(), snippet: z.string(), timestamp: z.string().nullish() })) }).nullish(),
}).refine(({ error, query }) => error != null || query != null, { error: 'neither query nor error' });

/**
 * Wikipedia in the language of the query, English by default (https://www.mediawiki.org/wiki/API:Search); it needs no key. Its policy wants programs to
 * name who uses them (https://foundation.wikimedia.org/wiki/Policy:Wikimedia_Foundation_User-Agent_Policy) and holds others back.
 */
export function wikipediaSource(settings: Pick<ServiceSettings, 'baseUrl'> = {}, contact = process.env['R5_CONTACT']?.trim() ?? ''): SearchSource {
  return {
    name: 'wikipedia',
    async search(query, options) {
      const language = /^[a-z]{2,3}\b/.exec(query.language?.toLowerCase() ?? '')?.[0] ?? 'en';
      const site = `https://${language}.wikipedia.org`;
      const service = new Service({ name: 'wikipedia', title: 'Wikipedia', baseUrl: site, explain }, settings);
      const headers = contact === '' ? {} : { 'user-agent': `${USER_AGENT} (${contact})` };
      const found = await allThenAny(query.query, async (words) => {
        const parameters = { action: 'query', list: 'search', format: 'json', formatversion: 2, srsearch: words, srlimit: Math.min(query.count ?? DEFAULT_COUNT, 50), srprop: 'snippet|timestamp' };
        const { error, query: result } = await service.json({ path: '/w/api.php', parameters, headers }, answer, options);
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

function explain(status: number): Failure | undefined {
  const advice = 'It holds back programs that do not say who uses them: put a mail or web address of yours into the environment variable R5_CONTACT.';
  if (status === 403) return { kind: 'refused', advice };
  return status === 429 ? { kind: 'rate-limited', advice } : undefined;
}
