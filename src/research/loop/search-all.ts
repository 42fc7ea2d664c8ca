/** Searches all sources for some queries at once, and makes one list of what they found. */
import { z } from 'zod';
import type { SearchHit, SearchSource } from '../search-source.ts';
import { SourceError } from '../source-error.ts';
import { mergeHits } from '../sources/search-together.ts';
import { BudgetError } from './budget-error.ts';
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
  const lists = answers.flatMap((answer) => (answer instanceof Error ? [] : [answer.filter(({ url }) => URL.canParse(url))]));
  const stop = answers.find((answer) => answer instanceof BudgetError);
  const failures = answers.filter((answer) => answer instanceof SourceError);
  const hits = mergeHits(lists);
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
