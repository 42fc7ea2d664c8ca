import { z } from 'zod';
import { DEFAULT_COUNT, type SearchQuery, type SearchSource } from '../search-source.ts';
import { normalizeDate } from '../web/page-metadata.ts';
import { requireKey, Service, type ServiceSettings } from './service.ts';
import { toHit, within } from './service-hits.ts';
import { dayOf, withSites } from './service-query.ts';
import type { Failure } from './source-http.ts';

const results = z.array(z.object({ url: z.string(), title: z.string().nullish(), description: z.string().nullish(), page_age: z.string().nullish(), extra_snippets: z.array(z.string()).nullish() }));
const webAnswer = z.object({ type: z.literal('search'), web: z.object({ results }).nullish() }).transform(({ web }) => web?.results ?? []);
const newsAnswer = z.object({ type: z.literal('news'), results }).transform((news) => news.results);

/** Longest query that Brave takes. */
const MOST_CHARACTERS = 400;
const MOST_WORDS = 50;

/** Languages that Brave names in its own way, and those that it knows; any other is answered with 422 (brave/brave-search-mcp-server, 2026). */
const OWN_NAMES: Readonly<Record<string, string>> = { ja: 'jp', no: 'nb', nn: 'nb', iw: 'he' };
const LANGUAGES = new Set('ar eu bn bg ca zh-hans zh-hant hr cs da nl en en-gb et fi fr gl de gu he hi hu is it jp kn ko lv lt ms ml mr nb pl pt-br pt-pt pa ro ru sr sk sl es sv ta te th tr uk vi'.split(' '));

/** US dollars a search, as Brave lists them in 2026; it does not say what one cost. */
const PRICE = 0.005;

const DESCRIPTION = { name: 'brave', title: 'Brave Search', baseUrl: 'https://api.search.brave.com', keyVariable: 'BRAVE_API_KEY', keyAddress: 'https://api-dashboard.search.brave.com', explain };

/** Brave Search, https://api-dashboard.search.brave.com/api-reference/web/search/get. */
export function braveSource(settings: ServiceSettings): SearchSource {
  const key = requireKey(settings.key, DESCRIPTION);
  const service = new Service(DESCRIPTION, settings);
  return {
    name: service.name,
    async search(query, options) {
      const { count = DEFAULT_COUNT, language, category } = query;
      const isNews = category === 'news';
      const parameters = {
        q: shortened(query),
        count: Math.min(count, isNews ? 50 : 20),
        freshness: freshnessOf(query),
        search_lang: languageOf(language),
        extra_snippets: 'true',
      };
      const headers = { 'x-subscription-token': key };
      const found = isNews
        ? await service.json({ path: '/res/v1/news/search', parameters, headers }, newsAnswer, options)
        : await service.json({ path: '/res/v1/web/search', parameters, headers }, webAnswer, options);
      const hits = found.map(({ url, title, description, page_age: date, extra_snippets: more }) =>
        toHit({ url, title: title ?? '', snippet: [description ?? '', ...(more ?? []).slice(0, 2)].join(' '), publishedAt: normalizeDate(date ?? undefined), source: service.name, origin: 'web' }),
      );
      return within(hits, query, PRICE);
    },
  };
}

/** The query with its domains, within what Brave takes: its words are cut. Domains that would fill more than half of it are left to `within`. */
function shortened(query: SearchQuery): string {
  const domains = wordsOf(withSites({ ...query, query: '' }));
  const kept = domains.length > MOST_WORDS / 2 || domains.join(' ').length > MOST_CHARACTERS / 2 ? [] : domains;
  const words = wordsOf(query.query).slice(0, MOST_WORDS - kept.length).join(' ').slice(0, MOST_CHARACTERS - ['', ...kept].join(' ').length);
  return [words, ...kept].join(' ');
}

const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** BCP 47 as Brave writes it; undefined for a language that it does not know, which it then takes for English. */
function languageOf(tag: string | undefined): string | undefined {
  if (tag === undefined) return undefined;
  const { language, script, region } = new Intl.Locale(tag).maximize();
  const names = [`${language}-${region}`, `${language}-${script}`, OWN_NAMES[language] ?? language, ...(language === 'pt' ? ['pt-pt'] : [])].map((name) => name.toLowerCase());
  return names.find((name) => LANGUAGES.has(name));
}

function freshnessOf({ publishedAfter, publishedBefore }: SearchQuery): string | undefined {
  if (publishedAfter === undefined && publishedBefore === undefined) return undefined;
  return `${dayOf(publishedAfter ?? '1970-01-01')}to${dayOf(publishedBefore ?? new Date().toISOString())}`;
}

/** A wrong key comes as 422, and a used-up month as 429 with nothing left of its second window. */
function explain(status: number, answer: string, headers: Readonly<Record<string, string>>): Failure | undefined {
  if (status === 422 && answer.includes('SUBSCRIPTION_TOKEN_INVALID')) return { kind: 'auth', advice: 'Is the key in BRAVE_API_KEY right, and does it have a plan (https://api-dashboard.search.brave.com)?' };
  const [, month] = (headers['x-ratelimit-remaining'] ?? '').split(',').map((part) => part.trim());
  if (status === 429 && (month === '0' || answer.includes('QUOTA_LIMITED'))) return { kind: 'quota', advice: 'The searches of the month are used up (https://api-dashboard.search.brave.com).' };
  return undefined;
}
