import { z } from 'zod';
import { DEFAULT_COUNT, type SearchQuery, type SearchSource } from '../search-source.ts';
import type { Failure } from './source-http.ts';
import { Service, type ServiceSettings } from './service.ts';
import { toHit, within } from './service-hits.ts';
import { allThenAny, dayOf } from './service-query.ts';

const location = z.object({ landing_page_url: z.string().nullish(), pdf_url: z.string().nullish() }).nullish();
const answer = z.object({
  results: z.array(z.object({
    id: z.string(), doi: z.string().nullish(), display_name: z.string().nullish(), publication_date: z.string().nullish(),
    abstract_inverted_index: z.record(z.string(), z.array(z.number())).nullish(), best_oa_location: location, primary_location: location,
    authorships: z.array(z.object({ author: z.object({ display_name: z.string().nullish() }) })).nullish(),
  })),
});
const MOST_AUTHORS = 20;
const KEY_ADVICE = 'Without a key it allows a few searches a day; put a free one into OPENALEX_API_KEY (https://openalex.org/settings/api).';

/**
 * OpenAlex, https://developers.openalex.org: works of all fields. Since February 2026 it allows a few searches a day without a key; a key
 * (OPENALEX_API_KEY) is free and allows about 1000.
 */
export function openalexSource(settings: ServiceSettings = {}): SearchSource {
  const service = new Service({ name: 'openalex', title: 'OpenAlex', baseUrl: 'https://api.openalex.org', keyVariable: 'OPENALEX_API_KEY', explain }, settings);
  return {
    name: service.name,
    async search(query, options) {
      const found = await allThenAny(query.query, async (words) => {
        const parameters = { search: words, per_page: Math.min(query.count ?? DEFAULT_COUNT, 100), filter: filterOf(query), api_key: settings.key };
        return (await service.json({ path: '/works', parameters }, answer, options)).results;
      });
      const hits = found.map((work) =>
        toHit({
          // An open copy can be read; a publisher's page often not.
          url: work.best_oa_location?.pdf_url ?? work.best_oa_location?.landing_page_url ?? work.doi ?? work.primary_location?.landing_page_url ?? work.id,
          title: work.display_name ?? '',
          snippet: abstractOf(work.abstract_inverted_index ?? {}),
          publishedAt: work.publication_date,
          authors: (work.authorships ?? []).slice(0, MOST_AUTHORS).flatMap(({ author }) => author.display_name ?? []),
          source: service.name,
          origin: 'web',
        }),
      );
      return within(hits, query);
    },
  };
}

/** Too fast comes as 403, a used-up day as 429 (https://developers.openalex.org/api-reference/errors); a body in words tells the two apart where they differ. */
function explain(status: number, said: string): Failure | undefined {
  if (status === 429 && /daily|budget|allowance|credit|insufficient/i.test(said)) return { kind: 'quota', advice: KEY_ADVICE };
  if (status === 403) return { kind: 'rate-limited', advice: `Too many searches in a short time. ${KEY_ADVICE}` };
  return undefined;
}

function filterOf({ publishedAfter, publishedBefore, language }: SearchQuery): string | undefined {
  const filters = [
    ...(publishedAfter === undefined ? [] : [`from_publication_date:${dayOf(publishedAfter)}`]),
    ...(publishedBefore === undefined ? [] : [`to_publication_date:${dayOf(publishedBefore)}`]),
    ...(language === undefined ? [] : [`language:${language.split('-')[0]}`]),
  ];
  return filters.length === 0 ? undefined : filters.join(',');
}

/** OpenAlex gives abstracts as each word's places. */
function abstractOf(places: Readonly<Record<string, readonly number[]>>): string {
  return Object.entries(places).flatMap(([word, at]) => at.map((place) => ({ word, place }))).sort((left, right) => left.place - right.place).map(({ word }) => word).join(' ');
}
