/** What is known of a run while it runs, gathered from its events: all that the views show, and nothing else. */
import type { EvaluationEvent, EventOf, NewEvent, StepEvent } from '../run/event.ts';

/** What is known before the first event. */
export interface RunPlan {
  task: string;
  model: string;
  /** The run's name. */
  run: string;
  totalSteps: number;
  /** Held-out rows of the evaluations before and after; 0 for none. */
  finalRows: number;
}

export type StepReport = Omit<StepEvent, 'time'> | Omit<EventOf<'supervised-step'>, 'time'>;
export type EvaluationReport = Omit<EvaluationEvent, 'time'>;

export interface ProgressState {
  plan: RunPlan;
  /** What the run is doing now. */
  phase: 'base' | 'training' | 'final' | 'finished' | 'interrupted' | 'failed';
  /** Last step done; 0 before the first. */
  step: number;
  /** Rewards of the steps so far; of a supervised run, losses. */
  curve: readonly number[];
  last: StepReport | undefined;
  base: EvaluationReport | undefined;
  evaluation: EvaluationReport | undefined;
  checksPassed: number;
  /** What the run has warned of. */
  warnings: readonly string[];
  /** Rollouts that were lost so far. */
  lost: number;
  /** A signal has come; the run ends after this step. */
  stopping: boolean;
  startedMs: number;
  /** When the last step ended, or the first began. */
  stepEndMs: number;
  /** Wall-clock seconds of the latest steps, evaluations between them included. */
  stepSeconds: readonly number[];
}

/** Steps whose mean duration predicts the next ones; few, because steps grow longer as completions do. */
const PREDICTING_STEPS = 8;

/** The state before the first event. `curve` holds what a resumed run has done before. */
export function startOf(plan: RunPlan, nowMs: number, curve: readonly number[] = []): ProgressState {
  return {
    plan, curve, phase: plan.finalRows > 0 ? 'base' : 'training', step: 0, last: undefined, base: undefined, evaluation: undefined,
    checksPassed: 0, warnings: [], lost: 0, stopping: false, startedMs: nowMs, stepEndMs: nowMs, stepSeconds: [],
  };
}

/** The state after an event that came at `nowMs` (any clock that does not go back). */
export function advance(state: ProgressState, event: NewEvent, nowMs: number): ProgressState {
  switch (event.type) {
    case 'start':
      return { ...state, curve: [] };
    case 'resume':
      // Steps after the checkpoint that the run goes on from are done again.
      return { ...state, step: event.fromStep, curve: state.curve.slice(0, event.fromStep), phase: 'training', stepEndMs: nowMs };
    case 'step':
    case 'supervised-step':
      return afterStep(state, event, nowMs);
    case 'evaluation':
      if (event.step === 0) return { ...state, base: event, evaluation: event, phase: 'training', stepEndMs: nowMs };
      return { ...state, evaluation: event };
    case 'check':
      return { ...state, checksPassed: state.checksPassed + Number(event.passed) };
    case 'warning':
      return { ...state, warnings: [...state.warnings, event.message] };
    case 'stop':
      return { ...state, phase: event.reason };
    default:
      return state;
  }
}

function afterStep(state: ProgressState, event: StepReport, nowMs: number): ProgressState {
  return {
    ...state,
    step: event.step,
    curve: [...state.curve, event.type === 'step' ? event.reward : event.loss],
    last: event,
    lost: state.lost + (event.type === 'step' ? lostIn(event) : 0),
    phase: event.step >= state.plan.totalSteps && state.plan.finalRows > 0 ? 'final' : 'training',
    stepEndMs: nowMs,
    stepSeconds: [...state.stepSeconds, (nowMs - state.stepEndMs) / 1000].slice(-PREDICTING_STEPS),
  };
}

/** Rollouts that a step has lost, whatever the reason. */
export const lostIn = ({ lost = {} }: Pick<StepEvent, 'lost'>): number => Object.values(lost).reduce((total, count) => total + count, 0);

/** Seconds until the run is over, the last evaluation included; undefined before the first step has shown how long one takes. */
export function secondsLeft(state: ProgressState, nowMs: number): number | undefined {
  const { plan, step, stepSeconds, stepEndMs } = state;
  if (stepSeconds.length === 0) return undefined;
  const aStep = stepSeconds.reduce((total, seconds) => total + seconds, 0) / stepSeconds.length;
  const left = (plan.totalSteps - step) * aStep + finalSeconds(state) - (nowMs - stepEndMs) / 1000;
  return Math.max(0, left);
}

/** The last evaluation takes as long as the first one did, in proportion to the completions' length. */
function finalSeconds({ base, evaluation, plan }: ProgressState): number {
  if (!base || !evaluation || plan.finalRows === 0) return 0;
  return base.seconds * (base.meanLength > 0 ? evaluation.meanLength / base.meanLength : 1);
}
