/** What all steps of a run share. */
import type { SearchHit, SearchSource } from '../search-source.ts';
import type { Snapshot } from '../snapshot.ts';
import type { SnapshotStore } from '../evidence/snapshot-store.ts';
import type { Budget } from './budget.ts';
import type { Depth } from './depth.ts';
import type { Journal } from './journal.ts';
import type { KnownAddresses } from './page-address.ts';
import { aboutData } from './outside-text.ts';
import type { Secrets } from './secrets.ts';
import type { StructuredModel } from './structured-answer.ts';

/** Reads the page of a hit. Throws SourceError. */
export type HitReader = (hit: SearchHit, options: { signal: AbortSignal }) => Promise<Omit<Snapshot, 'id'>>;

/** `cut`: it is left out. `mark`: it stays, marked as unsupported. */
export const unsupportedPolicies = ['cut', 'mark'] as const;
export type UnsupportedPolicy = (typeof unsupportedPolicies)[number];

export interface ResearchContext {
  question: string;
  /** What the user had said before it, which may say what it means. */
  earlier: readonly string[];
  journal: Journal;
  model: StructuredModel;
  sources: readonly SearchSource[];
  readPage: HitReader;
  snapshots: SnapshotStore;
  budget: Budget;
  depth: Depth;
  /** Drawn for this run; marks where outside text begins and ends. */
  fence: string;
  secrets: Secrets;
  addresses: KnownAddresses;
  /** What the user has said besides the question: answers, steering. Grows while the run goes on. */
  said: string[];
  /** The run's day, ISO 8601. */
  today: string;
  /** Most characters of one page that a model gets to see at once. */
  pageCharacters: number;
  /** What becomes of a sentence that fails its check after its repair. */
  unsupported: UnsupportedPolicy;
  signal: AbortSignal;
  firstRetryMs?: number | undefined;
}

/** The system prompt of a step. */
export const systemPrompt = ({ fence, today }: Pick<ResearchContext, 'fence' | 'today'>, task: string): string => `${task} Today is ${today}.\n\n${aboutData(fence)}`;

/** The user's words, which stand at the head of each prompt. */
export function userWords({ question, earlier, said }: Pick<ResearchContext, 'question' | 'earlier' | 'said'>): string {
  return [...earlier.map((words) => `Earlier the user said: ${words}`), `The user's question: ${question}`, ...said.map((words) => `The user also said: ${words}`)].join('\n');
}
