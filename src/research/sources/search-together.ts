/** Several sources as one: all are asked at once, and what they find becomes one list in which each document stands once. */
import { R5Error } from '../../error.ts';
import { DEFAULT_COUNT, type SearchHit, type SearchQuery, type SearchResult, type SearchSource } from '../search-source.ts';
import { SourceError } from '../source-error.ts';
import { canonicalUrl } from './canonical-url.ts';
import { fuseByRank } from './reciprocal-rank.ts';

export interface TogetherResult extends SearchResult {
  /** Sources that failed while others answered. */
  failures: readonly { source: string; error: SourceError }[];
}

/**
 * Searches all sources and merges their hits by reciprocal rank. A hit that several have keeps the first one's address and takes what it lacks from
 * the others. Throws the first SourceError when every source failed: then there is no answer, not an empty one.
 */
export async function searchTogether(sources: readonly SearchSource[], query: SearchQuery, { signal }: { signal: AbortSignal }): Promise<TogetherResult> {
  const answers = await Promise.all(sources.map((source) => ask(source, query, signal)));
  const failures = answers.flatMap(({ source, answer }) => (answer instanceof SourceError ? [{ source, error: answer }] : []));
  const results = answers.flatMap(({ answer }) => (answer instanceof SourceError ? [] : [answer]));
  const [failure] = failures;
  if (results.length === 0 && failure !== undefined) throw failure.error;
  const costs = results.flatMap(({ cost }) => cost ?? []);
  return {
    hits: mergeHits(results.map(({ hits }) => hits)).slice(0, query.count ?? DEFAULT_COUNT),
    failures,
    ...(costs.length > 0 && { cost: costs.reduce((sum, cost) => sum + cost, 0) }),
  };
}

/** One list from several, by reciprocal rank; each document stands once. */
export const mergeHits = (lists: readonly (readonly SearchHit[])[]): SearchHit[] =>
  fuseByRank(lists, ({ url }) => canonicalUrl(url)).map(({ found }) => joined(found));

async function ask(source: SearchSource, query: SearchQuery, signal: AbortSignal): Promise<{ source: string; answer: SearchResult | SourceError }> {
  try {
    return { source: source.name, answer: await source.search(query, { signal }) };
  } catch (error) {
    if (error instanceof SourceError) return { source: source.name, answer: error };
    if (!signal.aborted && error instanceof R5Error) return { source: source.name, answer: new SourceError('unavailable', error.message, { cause: error }) };
    throw error;
  }
}

function joined(found: readonly SearchHit[]): SearchHit {
  const [first, ...others] = found;
  if (first === undefined) throw new TypeError('a fused hit without any hit');
  const snippet = first.snippet || others.find((hit) => hit.snippet !== '')?.snippet || '';
  const rest = others.reduce<Partial<SearchHit>>((sum, hit) => ({ ...hit, ...sum }), {});
  return { ...rest, ...first, snippet };
}
