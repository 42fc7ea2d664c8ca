/** Advantages of the completions of one prompt, from their rewards, and how they are spread over tokens. */
import { R5Error } from '../error.ts';

/**
 * `mean`: r - mean (Dr. GRPO, Liu et al. 2025). `standardized`: (r - mean) / standard deviation (GRPO, Shao et al. 2024). `rloo`: r minus
 * the mean of the others (Ahmadian et al. 2024), which is the first times G / (G - 1).
 */
export type AdvantageKind = 'mean' | 'standardized' | 'rloo';

/** Added to the standard deviation, as in TRL. */
const DEVIATION_FLOOR = 1e-4;

/** One advantage per reward; all zero for a flat group. Throws on a reward that is not finite. */
export function groupAdvantages(rewards: readonly number[], kind: AdvantageKind): number[] {
  const strange = rewards.find((reward) => !Number.isFinite(reward));
  if (strange !== undefined) throw new R5Error(`A reward is ${strange}; every reward must be a finite number.`);
  const count = rewards.length;
  const mean = rewards.reduce((total, reward) => total + reward, 0) / count;
  const centred = rewards.map((reward) => reward - mean);
  if (isFlat(rewards)) return rewards.map(() => 0);
  if (kind === 'mean') return centred;
  if (kind === 'rloo') return centred.map((advantage) => (advantage * count) / (count - 1));
  const variance = centred.reduce((total, advantage) => total + advantage * advantage, 0) / (count - 1);
  return centred.map((advantage) => advantage / (Math.sqrt(variance) + DEVIATION_FLOOR));
}

/** True when all rewards are equal, so that the group teaches nothing. */
export function isFlat(rewards: readonly number[]): boolean {
  return rewards.every((reward) => reward === rewards[0]);
}

/**
 * What a token's term is divided by. `token-mean`: by the tokens of the whole batch, so long answers weigh more (DAPO). `sequence-mean`:
 * by its sequence's tokens and the number of sequences (GRPO as published). `token-sum`: by the number of sequences times the longest
 * possible completion, a constant (Dr. GRPO).
 */
export type Normalization = 'token-mean' | 'token-sum' | 'sequence-mean';

/** The factor on every token of each sequence. `lengths`: completion tokens that count, per sequence; 0 for one that is left out. */
export function tokenFactors(lengths: readonly number[], kind: Normalization, maxTokens: number): number[] {
  const sequences = lengths.filter((length) => length > 0).length;
  const tokens = lengths.reduce((total, length) => total + length, 0);
  return lengths.map((length) => {
    if (length === 0) return 0;
    if (kind === 'token-mean') return 1 / tokens;
    if (kind === 'sequence-mean') return 1 / (length * sequences);
    return 1 / (maxTokens * sequences);
  });
}
