/** What a step's rollouts amount to. */
import { totalTokens, writtenTokens, type Group, type ScoredRollout } from './rollouts.ts';
import { isFlatGroup } from './sampled-steps.ts';

/** Means over all rollouts, flat groups included. */
export interface StepSummary {
  reward: number;
  rewardParts: Record<string, number>;
  accuracy: number;
  parsedShare: number;
  truncatedShare: number;
  flatShare: number;
  /** Tokens that the model wrote in a rollout. */
  meanLength: number;
  sampledTokens: number;
}

export function summarize(groups: readonly Group[]): StepSummary {
  const rollouts = groups.flat();
  const mean = (value: (rollout: ScoredRollout) => number) => rollouts.reduce((total, rollout) => total + value(rollout), 0) / rollouts.length;
  const names = new Set(rollouts.flatMap(({ parts }) => Object.keys(parts ?? {})));
  return {
    reward: mean(({ reward }) => reward),
    rewardParts: Object.fromEntries([...names].map((name) => [name, mean(({ parts }) => parts?.[name] ?? 0)])),
    accuracy: mean(({ verdict }) => Number(verdict === 'correct')),
    parsedShare: mean(({ verdict }) => Number(verdict !== 'unparsable')),
    truncatedShare: mean(({ stopReason }) => Number(stopReason === 'length')),
    flatShare: groups.filter(isFlatGroup).length / groups.length,
    meanLength: mean(writtenTokens),
    sampledTokens: totalTokens(rollouts),
  };
}
