/** Progress as plain lines, one a step: for pipes, files and continuous integration. */
import type { NewEvent } from '../run/event.ts';
import { duration, lostReasons, percent, percentRange, tiny, whole } from './format.ts';
import type { Output } from './output.ts';
import type { Progress } from './progress.ts';
import { advance, lostIn, secondsLeft, startOf, type ProgressState, type RunPlan } from './progress-state.ts';

export class PlainProgress implements Progress {
  readonly #output: Output;
  #state: ProgressState | undefined;

  constructor(output: Output) {
    this.#output = output;
  }

  begin(plan: RunPlan, curve: readonly number[] = []): void {
    this.#state = startOf(plan, performance.now(), curve);
    this.#output.line(`run ${plan.run}: task ${plan.task}, model ${plan.model}, ${plan.totalSteps} steps`);
  }

  event(event: NewEvent): void {
    if (!this.#state) return;
    this.#state = advance(this.#state, event, performance.now());
    const line = plainLine(event, this.#state, performance.now());
    if (line !== undefined) this.#output.line(line);
  }

  stopping(): void {
    this.#output.line('stopping after this step with a checkpoint; a second signal ends at once');
  }

  end(): void {}
}

/** The line for an event, if it is worth one. `state` is the state after it. */
export function plainLine(event: NewEvent, state: ProgressState, nowMs: number): string | undefined {
  switch (event.type) {
    case 'step':
    case 'supervised-step':
      return stepLine(event, state, nowMs);
    case 'evaluation': {
      const { step, accuracy, interval, n, meanLength } = event;
      const when = step === 0 ? 'before training' : `after step ${step}`;
      return `held-out ${when}: ${percent(accuracy)} of ${n} (95 % interval ${percentRange(interval)}), mean length ${meanLength.toFixed(1)} tokens`;
    }
    case 'check':
      return event.passed ? `check '${event.name}' passed: ${event.message}` : `check '${event.name}' FAILED: ${event.message}`;
    case 'resume':
      return `going on after step ${event.fromStep}`;
    case 'warning':
      return `warning: ${event.message}`;
    default:
      return undefined;
  }
}

function stepLine(event: Extract<NewEvent, { type: 'step' | 'supervised-step' }>, state: ProgressState, nowMs: number): string {
  const left = secondsLeft(state, nowMs);
  const parts = [`step ${event.step}/${state.plan.totalSteps}`];
  if (event.type === 'step') {
    parts.push(`reward ${event.reward.toFixed(3)}`);
    if (state.evaluation) parts.push(`held-out ${percent(state.evaluation.accuracy)}`);
    parts.push(`length ${event.meanLength.toFixed(1)}`, `sampling ${whole(event.sampleTokensPerSecond)} tokens/s`);
  } else parts.push(`loss ${event.loss.toFixed(4)}`);
  parts.push(`training ${whole(event.trainTokensPerSecond)} tokens/s`);
  if (event.type === 'step') parts.push(`KL ${tiny(event.kl)}`);
  if (event.type === 'step' && event.lost) parts.push(`lost ${lostIn(event)} (${lostReasons(event.lost)})`);
  if (left !== undefined) parts.push(`left ${duration(left)}`);
  return parts.join('  ');
}
