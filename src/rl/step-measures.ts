/** One step's rollouts as the few numbers that show whether what is paid for is still what is wanted. */
import { isCopyOf, isEmptyText, repetitionOf, wordsOf } from './text-measures.ts';

/** A rollout as the watch sees it. */
export interface WatchedRollout {
  row: number;
  /** Position in its group. */
  index: number;
  prompt: string;
  text: string;
  tokens: number;
  /** Whether the limit cut it off. */
  truncated: boolean;
  reward: number;
  /** The task's independent check. */
  audit?: number | undefined;
}

/** What is measured of each rollout. */
export interface RolloutMeasures {
  length: number;
  /** Share of repeated runs of words. */
  repetition: number;
  /** 1 for an answer that says nothing, one copied from its prompt, one that was given to other rows word for word; else 0. */
  empty: number;
  copied: number;
  stock: number;
}
export type Measure = keyof RolloutMeasures;

export interface MeasuredRollout extends WatchedRollout, RolloutMeasures {}

/** Rows that must have been given the same text for it to be a stock answer. */
const STOCK_ROWS = 3;
/** Fewer pairs than this say nothing of what pays. */
const LEAST_PAIRS = 30;
/** Rollouts whose pairs are looked at; with more the answer would be the same. */
const MOST_PAIRED = 1024;

export function measureRollouts(groups: readonly (readonly WatchedRollout[])[]): MeasuredRollout[][] {
  const rowsOf = new Map<string, Set<number>>();
  for (const { text, row } of groups.flat()) rowsOf.set(text, (rowsOf.get(text) ?? new Set()).add(row));
  const promptWords = new Map<string, string[]>();
  return groups.map((group) =>
    group.map((rollout) => {
      const words = wordsOf(rollout.text);
      const prompt = promptWords.get(rollout.prompt) ?? wordsOf(rollout.prompt);
      promptWords.set(rollout.prompt, prompt);
      const empty = isEmptyText(rollout.text);
      return {
        ...rollout,
        length: rollout.tokens,
        repetition: repetitionOf(words),
        empty: Number(empty),
        copied: Number(isCopyOf(words, prompt)),
        stock: Number(!empty && (rowsOf.get(rollout.text)?.size ?? 0) >= STOCK_ROWS),
      };
    }),
  );
}

/** Means of a step by name: `reward`, `length`, `repetition`, ..., `audit` and `confirmed` where the task audits, and what pays. */
export type StepMeasures = Readonly<Record<string, number>>;

/**
 * The step's numbers. `<measure>Pays` is the share of pairs, unequal in both, in which the higher reward went to the higher measure: 1/2 where
 * they have nothing to do with each other. It is taken among answers to the same prompt and to different ones, and the one nearer to 1/2
 * counts: whoever searches longer for the same thing finds it more often, and what is short is found more often than what is long, but only
 * a reward for length pays for it in both. `<measure>Reward` is the mean reward of the answers with such a mark. `confirmed` is the share of the
 * reward paid out that the audit confirms. `<name>Error` is the standard error of a mean, over groups, whose prompts differ in difficulty.
 */
export function measureStep(groups: readonly (readonly MeasuredRollout[])[]): StepMeasures {
  const rollouts = groups.flat();
  const measures: Record<string, number> = { reward: meanOf(rollouts, ({ reward }) => reward), rewardError: standardError(groups, ({ reward }) => reward) };
  for (const name of ['length', 'repetition', 'empty', 'copied', 'stock'] as const) measures[name] = meanOf(rollouts, (rollout) => rollout[name]);
  for (const name of ['length', 'repetition'] as const) {
    const pays = sharePaid(rollouts, name);
    if (pays !== undefined) measures[`${name}Pays`] = pays;
  }
  for (const name of ['empty', 'copied', 'stock'] as const) {
    const marked = rollouts.filter((rollout) => rollout[name] === 1);
    if (marked.length > 0) measures[`${name}Reward`] = meanOf(marked, ({ reward }) => reward);
  }
  const audited = rollouts.filter(({ audit }) => audit !== undefined);
  if (audited.length > 0) {
    measures.audit = meanOf(audited, ({ audit }) => audit ?? 0);
    measures.auditError = standardError(groups, ({ audit }) => audit ?? 0);
    const paid = audited.reduce((sum, { reward }) => sum + Math.max(0, reward), 0);
    if (paid > 0) measures.confirmed = audited.reduce((sum, { reward, audit }) => sum + Math.max(0, reward) * (audit ?? 0), 0) / paid;
  }
  return measures;
}

function sharePaid(rollouts: readonly MeasuredRollout[], name: Measure): number | undefined {
  const stride = Math.ceil(rollouts.length / MOST_PAIRED);
  const some = rollouts.filter((_, i) => i % stride === 0);
  const same = new PairCount();
  const different = new PairCount();
  some.forEach((a, i) => {
    for (const b of some.slice(i + 1)) {
      const product = (a.reward - b.reward) * (a[name] - b[name]);
      // That the answer which the limit cut off earned less says nothing of length.
      if (product === 0 || (a.reward < b.reward ? a : b).truncated) continue;
      (a.row === b.row ? same : different).add(product > 0);
    }
  });
  const shares = [same.share, different.share].filter((share) => share !== undefined);
  return shares.toSorted((a, b) => Math.abs(a - 0.5) - Math.abs(b - 0.5))[0];
}

class PairCount {
  #pairs = 0;
  #paid = 0;

  add(paid: boolean): void {
    this.#pairs++;
    if (paid) this.#paid++;
  }

  /** Undefined where there are too few to say. */
  get share(): number | undefined {
    return this.#pairs < LEAST_PAIRS ? undefined : this.#paid / this.#pairs;
  }
}

function standardError(groups: readonly (readonly MeasuredRollout[])[], value: (rollout: MeasuredRollout) => number): number {
  const means = groups.filter((group) => group.length > 0).map((group) => meanOf(group, value));
  if (means.length < 2) return 0;
  const centre = meanOf(means, (mean) => mean);
  const variance = means.reduce((sum, mean) => sum + (mean - centre) ** 2, 0) / (means.length - 1);
  return Math.sqrt(variance / means.length);
}

function meanOf<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0) / items.length;
}
