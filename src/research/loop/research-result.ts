/** What a run comes to. */
import type { Entailment } from '../evidence/entailment.ts';
import type { ReportPrecision } from '../evidence/settle-report.ts';
import type { Evidence } from '../evidence.ts';
import type { ModelCost } from './run-cost.ts';
import type { FailedSource } from './gather.ts';
import type { Outcome } from './outcome.ts';
import type { PlanQuestion } from './plan.ts';
import type { CitedSentence } from './sentence-check.ts';

export interface ReportSentence extends CitedSentence {
  /** Why its check refused it, where such sentences are marked and not cut; absent where it holds. */
  problems?: string[];
  /** What another model said about it, where one was asked. */
  entailment?: Entailment;
}

export interface ReportSection {
  /** The question of the plan that it answers. */
  question: string;
  sentences: ReportSentence[];
}

export interface CitedSource {
  /** Of the snapshot. */
  id: string;
  url: string;
  title: string;
  retrievedAt: string;
  publishedAt?: string;
}

/** A second opinion by a model on the sentences that code verified. It changes nothing of what code found. */
export interface EntailmentCount {
  /** The model that judged. */
  model: string;
  /** Sentences that it was asked about, each once. */
  sentences: number;
  supported: number;
  contradicted: number;
  notStated: number;
  /** Answers that held no verdict. */
  unreadable: number;
  /** Why some sentences were not judged. */
  failure?: string;
}

export interface ResearchResult {
  id: string;
  directory: string;
  question: string;
  outcome: Outcome;
  reasons: string[];
  /** ISO 8601, UTC. */
  finishedAt: string;
  /** Absent where nothing holds; then `tried` is all there is to say. */
  report?: { title: string; answer: ReportSentence[]; sections: ReportSection[] };
  evidence: readonly Evidence[];
  sources: CitedSource[];
  /** Sentences written, those that cite, those whose check held (of them, those repaired), those left out or marked. */
  counts: ReportPrecision;
  entailment?: EntailmentCount;
  removed: { text: string; problems: string[] }[];
  plan: readonly PlanQuestion[];
  tried: { queries: string[]; searches: number; pagesRead: number; failures: FailedSource[] };
  cost: { money: number; unpriced: boolean; tokens: number; models: ModelCost[] };
}
