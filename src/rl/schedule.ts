/** Learning rates over the steps of a run. */
import { R5Error } from '../error.ts';

export const SCHEDULES = ['constant', 'linear', 'cosine'] as const;
export interface LearningRateSchedule {
  /** Highest learning rate. */
  learningRate: number;
  kind: (typeof SCHEDULES)[number];
  /** Steps over which it rises from 0. */
  warmupSteps: number;
  totalSteps: number;
  /** `linear` and `cosine` end at this share of the highest. */
  finalShare: number;
}

/** The learning rate of step `step`, counted from 1. */
export function learningRateAt(schedule: LearningRateSchedule, step: number): number {
  const { learningRate, kind, warmupSteps, totalSteps, finalShare } = schedule;
  if (!(learningRate > 0 && learningRate < Infinity)) {
    throw new R5Error(`The learning rate is ${learningRate}; it must be a positive number, for example 1e-3 for a tiny model or 4e-5 for LoRA.`);
  }
  if (step <= warmupSteps) return (learningRate * step) / warmupSteps;
  if (kind === 'constant') return learningRate;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
  const falling = kind === 'linear' ? 1 - progress : (1 + Math.cos(Math.PI * progress)) / 2;
  return learningRate * (finalShare + (1 - finalShare) * falling);
}
