/** Rollouts that could not be finished or scored: the run goes on without them, counts them with their reasons, and stops when they are too many. */
import { R5Error } from '../error.ts';
import { LostRollout } from '../task/lost-rollout.ts';
import type { PlayedRollout } from './rollouts.ts';

/** `timeout`: it took too long. `unscored`: the grader could not find out what it is worth. `threw`: anything else went wrong. */
export type LostReason = 'timeout' | 'unscored' | 'threw';

export interface LostRecord {
  row: number;
  /** Position in its group. */
  index: number;
  reason: LostReason;
  message: string;
  /** What was played of it, where that is known: all but the score. */
  played?: PlayedRollout | undefined;
}

/** What became of a piece of work that may hang or throw; `cancelled` when nobody wanted it any more. */
export type Attempt<Outcome> =
  | { kind: 'done'; outcome: Outcome }
  | { kind: 'lost'; reason: LostReason; message: string }
  | { kind: 'cancelled' };

export interface AttemptLimits {
  /** Default: none. */
  timeoutMs?: number;
  signal: AbortSignal;
}

/** Why the signal of a piece of work was aborted whose time was over. */
export class OutOfTime extends R5Error {
  override readonly name = 'OutOfTime';
}

/** setTimeout takes no more. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** Waits for the work as long as its time lasts, and no longer: work that does not heed its signal is left to itself. Never rejects. */
export function attempt<Outcome>(work: (signal: AbortSignal) => Promise<Outcome>, { timeoutMs = LONGEST_TIMEOUT_MS, signal }: AttemptLimits): Promise<Attempt<Outcome>> {
  const { promise, resolve } = Promise.withResolvers<Attempt<Outcome>>();
  if (signal.aborted) return Promise.resolve({ kind: 'cancelled' });
  const over = new AbortController();
  const cancel = (): void => {
    over.abort(signal.reason);
    resolve({ kind: 'cancelled' });
  };
  const timer = setTimeout(() => {
    const reason = new OutOfTime(`It took longer than ${timeoutMs / 1000} s.`);
    over.abort(reason);
    resolve({ kind: 'lost', reason: 'timeout', message: reason.message });
  }, Math.min(timeoutMs, LONGEST_TIMEOUT_MS));
  signal.addEventListener('abort', cancel, { once: true });
  // A function of its own, so that what throws before its first await is caught as well.
  const run = async (): Promise<Outcome> => work(over.signal);
  run().then(
    (outcome) => resolve({ kind: 'done', outcome }),
    (error: unknown) => resolve({ kind: 'lost', reason: error instanceof LostRollout ? 'unscored' : 'threw', message: messageOf(error) }),
  );
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Steps that the share is taken over, and the rollouts that they must hold before it is judged, unless all of them were lost. */
const RECENT_STEPS = 5;
const ENOUGH_ROLLOUTS = 20;

/** The share of rollouts lost in the latest steps. */
export class LostShare {
  readonly #largest: number;
  readonly #steps: { total: number; lost: readonly LostRecord[] }[] = [];

  constructor(largest: number) {
    this.#largest = largest;
  }

  /** Takes a step into account. Throws R5Error when the share of lost rollouts is too large. */
  add(finished: number, lost: readonly LostRecord[]): void {
    this.#steps.push({ total: finished + lost.length, lost });
    if (this.#steps.length > RECENT_STEPS) this.#steps.shift();
    const total = this.#steps.reduce((sum, step) => sum + step.total, 0);
    if (total >= ENOUGH_ROLLOUTS) checkLostShare(total, this.#steps.flatMap((step) => step.lost), this.#largest);
    else checkLostShare(total, this.#steps.flatMap((step) => step.lost), Math.max(this.#largest, 1 - 1 / ENOUGH_ROLLOUTS));
  }
}

/** Throws R5Error that says what happened when more than `largest` of `total` rollouts were lost. */
export function checkLostShare(total: number, lost: readonly LostRecord[], largest: number): void {
  if (lost.length <= largest * total) return;
  const [first] = lost;
  throw new R5Error(
    `${lost.length} of the latest ${total} rollouts were lost, more than the share of ${largest} that is put up with (--max-lost-share): ` +
      `${describeCounts(lost)}. The first of them, row ${first?.row}, rollout ${first?.index}: ${first?.message}`,
  );
}

/** How many were lost for which reason. */
export function countReasons(lost: readonly LostRecord[]): Partial<Record<LostReason, number>> {
  const counts: Partial<Record<LostReason, number>> = {};
  for (const { reason } of lost) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

const IN_WORDS: Readonly<Record<LostReason, string>> = { timeout: 'took too long', unscored: 'could not be scored', threw: 'threw an error' };

function describeCounts(lost: readonly LostRecord[]): string {
  const counts = countReasons(lost);
  const words = (reason: LostReason): string[] => (counts[reason] === undefined ? [] : [`${counts[reason]} ${IN_WORDS[reason]}`]);
  return [...words('threw'), ...words('timeout'), ...words('unscored')].join(', ');
}
