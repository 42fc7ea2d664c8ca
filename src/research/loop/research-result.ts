/** What a run comes to. */
import type { Evidence } from '../evidence.ts';
import type { ModelCost } from './run-cost.ts';
import type { FailedSource } from './gather.ts';
import type { Outcome } from './outcome.ts';
import type { PlanQuestion } from './plan.ts';
import type { CitedSentence } from './sentence-check.ts';

export interface ReportSection {
  /** The question of the plan that it answers. */
  question: string;
  sentences: CitedSentence[];
}

export interface CitedSource {
  /** Of the snapshot. */
  id: string;
  url: string;
  title: string;
  retrievedAt: string;
  publishedAt?: string;
}

export interface ResearchResult {
  id: string;
  directory: string;
  question: string;
  outcome: Outcome;
  reasons: string[];
  /** Absent where nothing holds; then `tried` is all there is to say. */
  report?: { title: string; answer: CitedSentence[]; sections: ReportSection[] };
  evidence: readonly Evidence[];
  sources: CitedSource[];
  /** Sentences written, those that cite, those whose check held, those left out. */
  counts: { sentences: number; cited: number; verified: number; removed: number };
  removed: { text: string; problems: string[] }[];
  plan: readonly PlanQuestion[];
  tried: { queries: string[]; searches: number; pagesRead: number; failures: FailedSource[] };
  cost: { money: number; unpriced: boolean; tokens: number; models: ModelCost[] };
}
