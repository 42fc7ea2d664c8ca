/** The settings of the GRPO loop. */
import { R5Error } from '../error.ts';
import type { AdvantageKind, Normalization } from './advantages.ts';
import type { ClipBounds, KlEstimator, PolicyLossName } from './losses.ts';
import type { LearningRateSchedule } from './schedule.ts';
import type { OptimParams, SamplingParams } from '../engine/engine.ts';

export interface GrpoSettings {
  schedule: LearningRateSchedule;
  /** Prompts a step. */
  prompts: number;
  /** Completions a prompt. */
  groupSize: number;
  sampling: SamplingParams;
  /** Optimizer steps that each batch of rollouts is cut into. */
  updates: number;
  advantage: AdvantageKind;
  normalization: Normalization;
  loss: PolicyLossName;
  clip: ClipBounds;
  /** Weight of the KL to the starting model; 0 leaves it out. Needs an engine that was opened with `reference`. */
  klCoefficient: number;
  klEstimator: KlEstimator;
  /** What happens to groups whose rewards are all equal: left out, or replaced by fresh prompts (at most as many again). */
  flatGroups: 'drop' | 'resample';
  /** Completions that hit the token limit: left out of the loss, or kept with their reward. */
  truncated: 'mask' | 'keep';
  optimizer: Omit<OptimParams, 'learningRate'>;
  /**
   * Optimizer steps that may lie between the weights that drew a rollout's oldest token and those that are trained on it. 0: the rollouts of a
   * step are all drawn from the weights that it trains. More: later rollouts are generated while training runs.
   */
  maxStaleness: number;
  /**
   * Largest importance weight of a token, where rollouts may be stale. CISPO has bounds of its own and does not use it.
   */
  importanceCap: number;
  /** Share of groups that are begun beyond those that a step needs; it takes those that are whole first, and the slowest are given up. */
  oversample: number;
  /** Rollouts of an episode source that are under way at once. */
  rolloutsAtOnce: number;
  /** Longest time of a rollout; one that takes longer is lost. */
  rolloutTimeoutMs: number;
  /** Share of the latest rollouts that may be lost before the run stops. */
  maxLostShare: number;
  seed: number;
}

/** What the field has converged on for verifiable rewards; see each setting. The learning rate is for a tiny model. */
export const grpoDefaults: GrpoSettings = {
  schedule: { learningRate: 1e-3, kind: 'constant', warmupSteps: 0, totalSteps: 100, finalShare: 0 },
  prompts: 32,
  groupSize: 8,
  sampling: { maxTokens: 256, temperature: 1 },
  updates: 1,
  advantage: 'mean',
  normalization: 'token-mean',
  loss: 'importance_sampling',
  clip: {},
  klCoefficient: 0,
  klEstimator: 'k3',
  flatGroups: 'drop',
  truncated: 'mask',
  optimizer: {},
  maxStaleness: 0,
  importanceCap: 2,
  oversample: 0,
  rolloutsAtOnce: 256,
  rolloutTimeoutMs: 1_800_000,
  maxLostShare: 0.2,
  seed: 1,
};

/** Throws R5Error naming the first setting that makes no sense. */
export function checkGrpoSettings(settings: GrpoSettings): void {
  const { prompts, groupSize, updates, schedule, maxStaleness, rolloutsAtOnce, oversample, maxLostShare, importanceCap } = settings;
  const whole = (name: string, value: number, least: number): void => {
    if (!Number.isInteger(value) || value < least) throw new R5Error(`Setting ${name} is ${value}; it must be a whole number of at least ${least}.`);
  };
  const between = (name: string, value: number, low: number, high: number): void => {
    if (!(value >= low && value <= high)) throw new R5Error(`Setting ${name} is ${value}; it must be from ${low} to ${high}.`);
  };
  whole('prompts', prompts, 1);
  whole('group-size', groupSize, 2);
  whole('updates', updates, 1);
  whole('steps', schedule.totalSteps, 1);
  whole('max-staleness', maxStaleness, 0);
  whole('rollouts-at-once', rolloutsAtOnce, 1);
  between('oversample', oversample, 0, 10);
  between('max-lost-share', maxLostShare, 0, 1);
  between('importance-cap', importanceCap, 1, Infinity);
  if (maxStaleness > 0 && maxStaleness < updates) {
    throw new R5Error(`Setting max-staleness is ${maxStaleness}, and a step takes ${updates} optimizer steps (updates): rollouts that run one step ahead need at least ${updates}.`);
  }
}

/** Steps that rollouts may run ahead of training. */
export const lookaheadSteps = ({ maxStaleness, updates }: GrpoSettings): number => Math.floor(maxStaleness / updates);
