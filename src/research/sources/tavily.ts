import { z } from 'zod';
import { DEFAULT_COUNT, type SearchSource } from '../search-source.ts';
import { normalizeDate } from '../web/page-metadata.ts';
import { requireKey, Service, type ServiceSettings } from './service.ts';
import { toHit, within } from './service-hits.ts';
import { dayOf } from './service-query.ts';
import type { Failure } from './source-http.ts';

const answer = z.object({
  results: z.array(z.object({ url: z.string(), title: z.string().nullish(), content: z.string().nullish(), raw_content: z.string().nullish(), published_date: z.string().nullish() })),
  usage: z.object({ credits: z.number() }).nullish(),
});

/** US dollars, as Tavily lists a credit without a plan. */
const CREDIT = 0.008;

/** Longest query that Tavily takes. */
const MOST_CHARACTERS = 400;

const DESCRIPTION = { name: 'tavily', title: 'Tavily', baseUrl: 'https://api.tavily.com', keyVariable: 'TAVILY_API_KEY', keyAddress: 'https://app.tavily.com', explain };

/** Tavily, https://docs.tavily.com/documentation/api-reference/endpoint/search; names of fields as in its own client (tavily-ai/tavily-js, 2026). */
export function tavilySource(settings: ServiceSettings): SearchSource {
  const key = requireKey(settings.key, DESCRIPTION);
  const service = new Service(DESCRIPTION, settings);
  return {
    name: service.name,
    async search(query, options) {
      const { count = DEFAULT_COUNT, includeDomains = [], excludeDomains = [], publishedAfter, publishedBefore, category } = query;
      const body = {
        query: query.query.slice(0, MOST_CHARACTERS),
        max_results: Math.min(count, 20),
        topic: category === 'news' ? 'news' : 'general',
        include_domains: includeDomains,
        exclude_domains: excludeDomains,
        include_raw_content: 'text',
        include_usage: true,
        ...(publishedAfter !== undefined && { start_date: dayOf(publishedAfter) }),
        ...(publishedBefore !== undefined && { end_date: dayOf(publishedBefore) }),
      };
      const { results, usage } = await service.json({ method: 'POST', path: '/search', headers: { authorization: `Bearer ${key}` }, body }, answer, options);
      const hits = results.map(({ url, title, content, raw_content: text, published_date: date }) =>
        toHit({ url, title: title ?? '', snippet: content ?? '', text, publishedAt: normalizeDate(date ?? undefined), source: service.name, origin: 'web' }),
      );
      return within(hits, query, usage == null ? undefined : usage.credits * CREDIT);
    },
  };
}

/** Tavily's own numbers for limits of the plan and of paying by use. */
function explain(status: number): Failure | undefined {
  if (status === 432) return { kind: 'quota', advice: 'The credits of the plan are used up; they come back next month, or with a larger plan (https://app.tavily.com).' };
  if (status === 433) return { kind: 'quota', advice: 'The limit set for paying by use is reached; raise it at https://app.tavily.com.' };
  return undefined;
}
