import { hashText } from '../random.ts';

/** The sampling seed of a run's evaluations, so that `r5 eval` with a run's seed draws what the run's own evaluation drew. */
export function evaluationSeed(seed: number): number {
  return hashText(`evaluation ${seed}`);
}
