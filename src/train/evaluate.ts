/** Accuracy on held-out rows. */
import { R5Error } from '../error.ts';
import { mean, passAtK, wilsonInterval } from '../run/statistics.ts';
import type { Engine, SamplingParams } from '../engine/engine.ts';
import type { BoundTask } from './bind-task.ts';
import { checkLostShare, type LostRecord } from '../rl/lost-rollouts.ts';
import { collectGroups, writtenTokens, type Group, type ScoredRollout } from '../rl/rollouts.ts';

export interface EvaluationOptions {
  /** Rows evaluated, from the first on. Default 512 or all there are. */
  rows?: number;
  /** Completions a row, k of pass@k and maj@k. Default 1. */
  samples?: number;
  sampling: SamplingParams;
  /** Longest time of a rollout of an episode source, and of scoring a completion. Default: none. */
  timeoutMs?: number;
  /** Share of the completions that may be lost; the rest are then all that is counted. Default 0.2. */
  maxLostShare?: number;
}

export interface Evaluation {
  /** Rows that have at least one completion. */
  n: number;
  samples: number;
  /** Mean over rows of the share of correct completions. */
  accuracy: number;
  /** 95 % interval of the accuracy: Wilson's, over rows when there is one sample each, else a normal one over rows. */
  interval: [low: number, high: number];
  /** Share of rows that at least one of the k samples solves. */
  passAtK: number;
  /** Share of rows whose most frequent answer (last line of the completion; first seen wins a tie) is correct. */
  majAtK: number;
  /** Mean completion length in tokens. */
  meanLength: number;
  meanReward: number;
  parsedShare: number;
  truncatedShare: number;
  seconds: number;
  /** In the order of the rows; without rows whose completions were all lost. */
  groups: readonly Group[];
  /** Completions that could not be finished or scored; they count neither as right nor as wrong. */
  lost: readonly LostRecord[];
}

/** Throws R5Error for options that make no sense, and when too many completions were lost. */
export async function evaluate(engine: Engine, task: BoundTask, options: EvaluationOptions): Promise<Evaluation> {
  const { rows = 512, samples = 1, sampling, timeoutMs, maxLostShare = 0.2 } = options;
  if (!Number.isInteger(rows) || rows < 1) throw new R5Error(`The number of rows to evaluate is ${rows}; it must be a whole number of at least 1.`);
  if (!Number.isInteger(samples) || samples < 1) throw new R5Error(`The number of samples a row is ${samples}; it must be a whole number of at least 1.`);
  const start = performance.now();
  const chosen = Array.from({ length: Math.min(rows, task.rowCount) }, (_, row) => row);
  const collected = await collectGroups(engine, task, chosen, { groupSize: samples, sampling, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  checkLostShare(chosen.length * samples, collected.lost, maxLostShare);
  const groups = collected.groups.filter((group) => group.length > 0);
  const shares = groups.map((group) => mean(group.map(({ verdict }) => Number(verdict === 'correct'))));
  const rollouts = groups.flat();
  const meanOf = (value: (rollout: ScoredRollout) => number) => mean(rollouts.map(value));
  const accuracy = mean(shares);
  return {
    n: groups.length,
    samples,
    accuracy,
    interval: samples === 1 ? wilsonInterval(Math.round(accuracy * groups.length), groups.length) : normalInterval(shares),
    passAtK: mean(groups.map((group, g) => passAtK(group.length, Math.round((shares[g] ?? 0) * group.length), group.length))),
    majAtK: mean(groups.map((group) => Number(majorityIsCorrect(group)))),
    meanLength: meanOf(writtenTokens),
    meanReward: meanOf(({ reward }) => reward),
    parsedShare: meanOf(({ verdict }) => Number(verdict !== 'unparsable')),
    truncatedShare: meanOf(({ stopReason }) => Number(stopReason === 'length')),
    seconds: (performance.now() - start) / 1000,
    groups,
    lost: collected.lost,
  };
}

function majorityIsCorrect(group: Group): boolean {
  const byAnswer = new Map<string, { votes: number; correct: boolean }>();
  for (const { text, verdict } of group) {
    if (verdict === 'unparsable') continue;
    const answer = text.trimEnd().split('\n').at(-1) ?? '';
    const entry = byAnswer.get(answer) ?? { votes: 0, correct: verdict === 'correct' };
    entry.votes++;
    byAnswer.set(answer, entry);
  }
  let winner: { votes: number; correct: boolean } | undefined;
  for (const entry of byAnswer.values()) if (!winner || entry.votes > winner.votes) winner = entry;
  return winner?.correct ?? false;
}

function normalInterval(shares: readonly number[]): [number, number] {
  const centre = mean(shares);
  const variance = mean(shares.map((share) => (share - centre) ** 2));
  const reach = 1.96 * Math.sqrt(variance / Math.max(1, shares.length - 1));
  return [Math.max(0, centre - reach), Math.min(1, centre + reach)];
}
