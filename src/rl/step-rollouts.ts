/** Where a training loop gets the rollouts of its steps: what it asks for, whoever plays them. */
import type { LostRecord } from './lost-rollouts.ts';
import type { Group, ScoredRollout } from './rollouts.ts';

/**
 * Why nothing is learned from a finished rollout. `surplus`: it was begun beyond what a step needs; `stale`: its weights were too old;
 * `flat-group`: all rewards of its group are equal and other prompts took its place; `unfinished`: the run ended first.
 */
export type Unused = 'surplus' | 'stale' | 'flat-group' | 'unfinished';

export interface UnusedRollout {
  rollout: ScoredRollout;
  reason: Unused;
}

/** Rollouts that had finished and those that were lost, which no step has reported. */
export interface Rest {
  unused: readonly UnusedRollout[];
  lost: readonly LostRecord[];
}

export interface StepBatch {
  /** Each with at least one rollout. */
  groups: readonly Group[];
  lost: readonly LostRecord[];
  /** Finished rollouts that nothing is learned from. */
  unused: readonly UnusedRollout[];
  /** Rollouts that were ended before they had finished, because they were beyond need or too old. */
  abandoned: number;
}

/** How far a run has come through the groups, which are numbered from 0: what a resumed run begins with. */
export interface GroupPosition {
  /** The first group that has not been begun. */
  next: number;
  /** Groups that were begun and have not been trained on. */
  pending: readonly number[];
}

export interface StepRollouts {
  /** The rollouts of a step, counted from 1. */
  take(step: number): Promise<StepBatch>;
  /** Tells that the weights hold the step: rollouts of later ones may begin. */
  advance(): void;
  readonly position: GroupPosition;
  /** Ends what is under way; gives back what had ended. */
  stop(): Promise<Rest>;
}
