/** How a run ended, in one word and with its reasons. A failure is never an empty result, and a report is never written on nothing. */
import type { BudgetError } from './budget-error.ts';
import type { FailedSource } from './gather.ts';
import type { ModelError } from './model-error.ts';
import type { PlanQuestion } from './plan.ts';

/** Before a question of the plan that nothing was found for. */
export const NOT_COVERED = 'Not covered by evidence: ';

/**
 * `complete`: all questions of the plan are covered by evidence. `partial`: some are not. `no-evidence`: sources answered and held nothing of use.
 * `blocked`: sources or models refused or could not be reached. `over-budget`: a limit of the user's ended it.
 */
export const outcomes = ['complete', 'partial', 'no-evidence', 'blocked', 'over-budget'] as const;
export type Outcome = (typeof outcomes)[number];

export interface Ending {
  plan: readonly PlanQuestion[];
  /** Sentences of the report that hold. */
  sentences: number;
  evidence: number;
  searches: number;
  pagesRead: number;
  failures: readonly FailedSource[];
  stop?: BudgetError | ModelError | undefined;
}

export function outcomeOf({ plan, sentences, evidence, searches, pagesRead, failures, stop }: Ending): { outcome: Outcome; reasons: string[] } {
  const reasons = stop === undefined ? [] : [stop.message];
  const missing = plan.filter(({ status }) => status === 'open' || status === 'given-up');
  if (missing.length > 0) reasons.push(...missing.map(({ question }) => `${NOT_COVERED}${question}`));
  if (failures.length > 0) reasons.push(failuresInWords(failures));
  if (sentences === 0) {
    if (evidence > 0) reasons.unshift('There is evidence, but no sentence written on it held when it was checked.');
    if (stop?.name === 'BudgetError') return { outcome: 'over-budget', reasons };
    if (stop !== undefined) return { outcome: 'blocked', reasons };
    if (evidence === 0 && pagesRead === 0 && failures.length > 0) return { outcome: 'blocked', reasons };
    if (evidence === 0) reasons.unshift(pagesRead === 0 ? `${searches} searches found nothing to read.` : `${pagesRead} pages were read, and none held anything that answers the question.`);
    return { outcome: 'no-evidence', reasons };
  }
  if (stop?.name === 'BudgetError') return { outcome: 'over-budget', reasons };
  return stop !== undefined || missing.length > 0 ? { outcome: 'partial', reasons } : { outcome: 'complete', reasons };
}

function failuresInWords(failures: readonly FailedSource[]): string {
  const kinds = Map.groupBy(failures, ({ kind }) => kind);
  const parts = [...kinds].map(([kind, list]) => `${list.length} ${kind} (such as ${list[0]?.message ?? ''})`);
  return `Could not be read or searched: ${parts.join('; ')}`;
}
