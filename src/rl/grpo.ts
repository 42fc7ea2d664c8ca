/**
 * Group-relative policy optimization and its family. One step: draw prompts, sample a group of completions of each, score them, turn
 * rewards into advantages within each group, push up the log-probability of what did better than its group and down what did worse.
 *
 * Left out of the original GRPO (Shao et al. 2024), as the field has since: the KL term is off by default; advantages are not divided by
 * the standard deviation (Dr. GRPO); tokens are averaged over the batch, not within each answer (DAPO). All can be switched back on.
 */
import { R5Error } from '../error.ts';
import {
  CheckFailure, checkGroupsNotFlat, checkParametersMoved, checkParsedShare, checkWeightsVersion, type CheckResult,
} from './checks.ts';
import { completionEpisodes } from './completion-episodes.ts';
import { checkGrpoSettings, lookaheadSteps, type GrpoSettings } from './grpo-settings.ts';
import { LostShare, type LostRecord } from './lost-rollouts.ts';
import { policyLoss, updatePolicy, type UpdateReport } from './policy-update.ts';
import { RolloutScheduler } from './rollout-scheduler.ts';
import { sampledSteps } from './sampled-steps.ts';
import { summarize, type StepSummary } from './step-summary.ts';
import type { Group, RolloutSource } from './rollouts.ts';
import type { GroupPosition, Rest, StepBatch, StepRollouts, UnusedRollout } from './step-rollouts.ts';
import type { Engine } from '../engine/engine.ts';

export { grpoDefaults, type GrpoSettings } from './grpo-settings.ts';

export interface GrpoStep extends StepSummary, UpdateReport {
  step: number;
  /** Time that rollouts were generated in: waiting for them, and where they overlap with training the whole step. */
  sampleSeconds: number;
  trainSeconds: number;
  /** Waiting for rollouts. */
  waitSeconds: number;
  seconds: number;
  groups: readonly Group[];
  /** Rollouts that could not be finished or scored. */
  lost: readonly LostRecord[];
  /** Finished rollouts that nothing is learned from. */
  unused: readonly UnusedRollout[];
  /** Rollouts that were ended because they were beyond need or too old. */
  abandoned: number;
  /** What a resumed run begins with. */
  position: GroupPosition;
}

export interface GrpoHooks {
  onStep?: (report: GrpoStep) => void | Promise<void>;
  onCheck?: (check: CheckResult, step: number) => void;
  /** What no step has reported when the loop ends, whichever way. */
  onRest?: (rest: Rest) => void;
  /** Ends the loop before the next step. */
  signal?: AbortSignal;
  /** First step; more than 1 when a run is resumed. */
  firstStep?: number;
  /** Of the last step before a run was resumed. */
  position?: GroupPosition | undefined;
}

/**
 * Runs the steps. Throws CheckFailure when a check fails, R5Error for settings that make no sense and when too many rollouts were lost.
 */
export async function trainGrpo(engine: Engine, source: RolloutSource, settings: GrpoSettings, hooks: GrpoHooks = {}): Promise<void> {
  checkGrpoSettings(settings);
  if (source.rowCount === 0) throw new R5Error('The task has no training rows.');
  const loss = policyLoss(settings);
  const firstStep = hooks.firstStep ?? 1;
  const lostShare = new LostShare(settings.maxLostShare);
  const rollouts = openRollouts(engine, source, settings, firstStep, hooks.position);
  let open: StepBatch | undefined;
  try {
    for (let step = firstStep; step <= settings.schedule.totalSteps && !hooks.signal?.aborted; step++) {
      const check = (checked: CheckResult): number => {
        hooks.onCheck?.(checked, step);
        if (!checked.passed) throw new CheckFailure(checked, step);
        return checked.value;
      };
      const start = performance.now();
      const batch = await rollouts.take(step);
      open = batch;
      const sampled = performance.now();
      const { groups, lost } = batch;
      const taken = groups.flat();
      lostShare.add(taken.length, lost);
      check(checkWeightsVersion(taken, engine.weightsVersion, settings.maxStaleness));
      if (step === firstStep && taken.length > 0) {
        check(checkParsedShare(taken));
        check(checkGroupsNotFlat(groups));
      }
      const update = await updatePolicy(engine, groups, loss, settings, step, check);
      rollouts.advance();
      // A fresh adapter's first half gets its first gradient at the second update, so that is the first time all must have moved.
      if (step === firstStep + 1 && update.gradientNorm > 0) check(checkParametersMoved(engine.parameterChanges()));
      open = undefined;
      await hooks.onStep?.({
        step,
        ...summarize(groups),
        ...update,
        ...batch,
        ...timing(start, sampled, settings),
        position: rollouts.position,
      });
    }
  } finally {
    const { unused, lost } = await rollouts.stop();
    hooks.onRest?.({ unused: [...(open ? unusedOfBatch(open) : []), ...unused], lost: [...(open?.lost ?? []), ...lost] });
  }
}

function timing(startMs: number, sampledMs: number, settings: GrpoSettings): Pick<GrpoStep, 'sampleSeconds' | 'trainSeconds' | 'waitSeconds' | 'seconds'> {
  const waitSeconds = (sampledMs - startMs) / 1000;
  const trainSeconds = (performance.now() - sampledMs) / 1000;
  const seconds = waitSeconds + trainSeconds;
  return { waitSeconds, trainSeconds, seconds, sampleSeconds: lookaheadSteps(settings) > 0 ? seconds : waitSeconds };
}

const unusedOfBatch = ({ groups, unused }: StepBatch): UnusedRollout[] =>
  [...unused, ...groups.flat().map((rollout) => ({ rollout, reason: 'unfinished' as const }))];

/** Completions that wait for nothing are sampled a step at a time; all else is played side by side. */
function openRollouts(engine: Engine, source: RolloutSource, settings: GrpoSettings, firstStep: number, position: GroupPosition | undefined): StepRollouts {
  const lookahead = lookaheadSteps(settings);
  const isEpisodes = 'rollout' in source;
  if (!isEpisodes && lookahead === 0 && settings.oversample === 0) return sampledSteps(engine, source, settings, firstStep);
  return new RolloutScheduler(isEpisodes ? source : completionEpisodes(engine, source), { settings, lookahead, firstStep, position });
}
