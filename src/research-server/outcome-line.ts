import type { ResearchResult } from '../research/loop/research-result.ts';

/** How a run ended and what of its report was checked, in one sentence. */
export function outcomeLine({ outcome, counts, cost }: ResearchResult): string {
  const { sentences, cited, verified, removed } = counts;
  const money = cost.unpriced ? 'at a price that is not known' : `for $${cost.money.toFixed(4)}`;
  return `Outcome ${outcome}: ${sentences} sentences written, ${cited} with citations, ${verified} verified, ${removed} removed; ${cost.tokens} tokens ${money}.`;
}
