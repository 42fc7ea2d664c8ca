/** How a run is followed while it runs: redrawn in place on a terminal, one plain line a step elsewhere. */
import type { NewEvent } from '../run/event.ts';
import { LiveProgress } from './live-progress.ts';
import type { Output } from './output.ts';
import { PlainProgress } from './plain-progress.ts';
import type { RunPlan } from './progress-state.ts';

export interface Progress {
  /** `curve`: rewards or losses of the steps that a resumed run has done before. */
  begin(plan: RunPlan, curve?: readonly number[]): void;
  event(event: NewEvent): void;
  /** A signal has come; the run ends after this step. */
  stopping(): void;
  /** No more events; safe to call twice, and without `begin`. */
  end(): void;
}

export function progressFor(output: Output): Progress {
  return output.live ? new LiveProgress(output) : new PlainProgress(output);
}
