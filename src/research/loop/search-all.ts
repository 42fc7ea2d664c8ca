/** Searches all sources for some queries at once, and makes one list of what they found. */
import { z } from 'zod';
import type { SearchHit, SearchSource } from '../search-source.ts';
import { SourceError } from '../source-error.ts';
import { BudgetError } from './budget-error.ts';
import { addressKey } from './page-address.ts';
import type { ResearchContext } from './research-context.ts';
import { retryDefaults, withRetries } from './retries.ts';

const hitSchema = z.object({
  url: z.string(),
  title: z.string(),
  snippet: z.string(),
  publishedAt: z.string().exactOptional(),
  text: z.string().exactOptional(),
  authors: z.array(z.string()).exactOptional(),
  source: z.string(),
  origin: z.enum(['web', 'file', 'search-snippet', 'mcp']),
});
const resultSchema = z.object({ hits: z.array(hitSchema), cost: z.number().exactOptional() });

export interface FoundHits {
  /** Best first; each address once. */
  hits: SearchHit[];
  /** Searches that failed. */
  failures: SourceError[];
  searches: number;
  stop?: BudgetError;
}

const HITS = 10;
const WORTH_RETRYING: readonly SourceError['kind'][] = ['rate-limited', 'unavailable', 'timeout'];

/** Never throws for a source that fails; the failures are in the result. */
export async function searchAll(context: ResearchContext, queries: readonly string[]): Promise<FoundHits> {
  const asked = queries.flatMap((query) => context.sources.map((source) => searchOne(context, source, query)));
  const answers = await Promise.all(asked);
  const lists = answers.flatMap((answer) => (answer instanceof Error ? [] : [answer]));
  const stop = answers.find((answer) => answer instanceof BudgetError);
  const failures = answers.filter((answer) => answer instanceof SourceError);
  const hits = mergedByRank(lists);
  for (const { url } of hits) context.addresses.add(url);
  return { hits, failures, searches: asked.length, ...(stop === undefined ? {} : { stop }) };
}

async function searchOne({ journal, budget, signal, firstRetryMs }: ResearchContext, source: SearchSource, query: string): Promise<readonly SearchHit[] | SourceError | BudgetError> {
  try {
    const { hits } = await journal.perform({
      kind: 'search',
      input: { source: source.name, query, count: HITS },
      parse: (result) => resultSchema.parse(result),
      run: ({ retrying }) =>
        budget.within({}, async () =>
          resultSchema.parse(
            await withRetries(() => source.search({ query, count: HITS }, { signal }), {
              ...retryDefaults,
              attempts: 3,
              firstMs: firstRetryMs ?? retryDefaults.firstMs,
              signal,
              isWorthIt: (error) => (error instanceof SourceError && WORTH_RETRYING.includes(error.kind) ? error : undefined),
              onRetry: retrying,
            }),
          ),
        ),
    });
    return hits;
  } catch (error) {
    if (error instanceof SourceError || error instanceof BudgetError) return error;
    throw error;
  }
}

/** Reciprocal rank fusion (Cormack, Clarke, Büttcher 2009), with the paper's constant. */
function mergedByRank(lists: readonly (readonly SearchHit[])[]): SearchHit[] {
  const scored = new Map<string, { hit: SearchHit; score: number }>();
  for (const list of lists) {
    for (const [rank, hit] of list.entries()) {
      const key = addressKey(hit.url);
      if (key === undefined) continue;
      const known = scored.get(key);
      const better = known === undefined || (known.hit.text === undefined && hit.text !== undefined) ? hit : known.hit;
      scored.set(key, { hit: better, score: (known?.score ?? 0) + 1 / (60 + rank + 1) });
    }
  }
  return [...scored.values()].toSorted((a, b) => b.score - a.score).map(({ hit }) => hit);
}
