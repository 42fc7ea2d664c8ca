import { z } from 'zod';
import { DEFAULT_COUNT, type SearchQuery, type SearchSource } from '../search-source.ts';
import { normalizeDate } from '../web/page-metadata.ts';
import { requireKey, Service, type ServiceSettings } from './service.ts';
import { toHit, within } from './service-hits.ts';
import { withSites } from './service-query.ts';
import type { Failure } from './source-http.ts';

const item = z.object({ link: z.string().nullish(), title: z.string().nullish(), snippet: z.string().nullish(), date: z.string().nullish(), year: z.number().nullish() });
const answer = z.object({ organic: z.array(item).nullish(), news: z.array(item).nullish(), credits: z.number().nullish() }).refine(({ organic, news }) => organic != null || news != null, { error: 'neither organic nor news' });

/** US dollars, as Serper lists a credit of its smallest pack. */
const CREDIT = 0.001;
const PATHS = { general: '/search', news: '/news', papers: '/scholar', code: '/search' };

const DESCRIPTION = { name: 'serper', title: 'Serper', baseUrl: 'https://google.serper.dev', keyVariable: 'SERPER_API_KEY', keyAddress: 'https://serper.dev', explain };

/** Google's results through Serper, https://serper.dev. */
export function serperSource(settings: ServiceSettings): SearchSource {
  const key = requireKey(settings.key, DESCRIPTION);
  const service = new Service(DESCRIPTION, settings);
  return {
    name: service.name,
    async search(query, options) {
      const { count = DEFAULT_COUNT, language, category = 'general' } = query;
      const body = { q: withSites(query), num: Math.min(count, 100), ...(language !== undefined && { hl: language.toLowerCase() }), ...dateRange(query) };
      const { organic, news, credits } = await service.json({ method: 'POST', path: PATHS[category], headers: { 'x-api-key': key }, body }, answer, options);
      const hits = (organic ?? news ?? []).flatMap(({ link, title, snippet, date, year }) =>
        link == null ? [] : [toHit({ url: link, title: title ?? '', snippet: snippet ?? '', publishedAt: normalizeDate(date ?? (year == null ? undefined : String(year))), source: service.name, origin: 'web' })],
      );
      return within(hits, query, credits == null ? undefined : credits * CREDIT);
    },
  };
}

/** Google's own parameter for a range of days, month first. */
function dateRange({ publishedAfter, publishedBefore }: SearchQuery): { tbs?: string } {
  const american = (date: string): string => {
    const [year = 1970, month = 1, day = 1] = date.slice(0, 10).split('-').map(Number);
    return `${month}/${day}/${year}`;
  };
  const bounds = [...(publishedAfter === undefined ? [] : [`cd_min:${american(publishedAfter)}`]), ...(publishedBefore === undefined ? [] : [`cd_max:${american(publishedBefore)}`])];
  return bounds.length === 0 ? {} : { tbs: ['cdr:1', ...bounds].join(',') };
}

/** A wrong key comes as 403, used-up credits as 400. */
function explain(status: number, said: string): Failure | undefined {
  if (status === 403) return { kind: 'auth', advice: 'Is the key in SERPER_API_KEY right?' };
  if (status === 400 && /credits/i.test(said)) return { kind: 'quota', advice: 'The credits are used up; add some at https://serper.dev.' };
  return undefined;
}
