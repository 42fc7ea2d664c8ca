import { z } from 'zod';
import type { SearchSource } from '../search-source.ts';
import { SourceError } from '../source-error.ts';
import { normalizeDate } from '../web/page-metadata.ts';
import { Service, type ServiceSettings } from './service.ts';
import { toHit, within } from './service-hits.ts';
import { withSites } from './service-query.ts';
import type { Failure } from './source-http.ts';

const answer = z.object({
  results: z.array(z.object({ url: z.string().nullish(), title: z.string().nullish(), content: z.string().nullish(), publishedDate: z.string().nullish() })),
  unresponsive_engines: z.array(z.tuple([z.string(), z.string()]).rest(z.unknown())).nullish(),
});
const CATEGORIES = { general: 'general', news: 'news', papers: 'science', code: 'it' };

/** A SearXNG of one's own, https://docs.searxng.org; it needs no key. */
export function searxngSource(settings: ServiceSettings): SearchSource {
  const { baseUrl } = settings;
  if (baseUrl === undefined || URL.parse(baseUrl) === null) throw new SourceError('bad-request', 'SearXNG needs the address of a server: put it into the environment variable SEARXNG_URL, such as http://localhost:8080.');
  const service = new Service({ name: 'searxng', title: 'SearXNG', baseUrl, explain }, settings);
  return {
    name: service.name,
    async search(query, options) {
      const { category = 'general', language } = query;
      const parameters = { q: withSites(query), format: 'json', categories: CATEGORIES[category], language };
      const { results, unresponsive_engines: failed } = await service.json({ path: '/search', parameters }, answer, options);
      // Engines that block the server make an empty list; that is no answer.
      if (results.length === 0 && failed != null && failed.length > 0) {
        throw new SourceError('unavailable', `SearXNG got no answer from its engines (${failed.map(([engine, reason]) => `${engine}: ${reason}`).join('; ').slice(0, 300)}). Try again later, or switch on others in its settings.`);
      }
      const hits = results.flatMap(({ url, title, content, publishedDate }) =>
        url == null ? [] : [toHit({ url, title: title ?? '', snippet: content ?? '', publishedAt: normalizeDate(publishedDate ?? undefined), source: service.name, origin: 'web' })],
      );
      return within(hits, query);
    },
  };
}

function explain(status: number): Failure | undefined {
  if (status === 403) {
    return { kind: 'refused', advice: 'SearXNG gives JSON only where its settings.yml allows it, and by default they do not: add json to the list formats under search, and start it again. Behind a bot limiter, let this machine pass.' };
  }
  if (status === 429) return { kind: 'rate-limited', advice: "SearXNG's limiter holds this machine for a bot; switch it off in settings.yml (server: limiter: false), or let this machine pass in limiter.toml." };
  return undefined;
}
