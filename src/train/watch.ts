/** Joins the watch for reward hacking to a run: its rollouts go in, measures and warnings come out for the log, and a resumed run takes them up. */
import type { GrpoStep } from '../rl/grpo.ts';
import type { HackingWarning, WatchedPast } from '../rl/reward-hacking.ts';
import { writtenTokens } from '../rl/rollouts.ts';
import type { StepMeasures, WatchedRollout } from '../rl/step-measures.ts';
import type { NewEvent, RunEvent } from '../run/event.ts';
import type { BoundTask } from './bind-task.ts';

/** The step's rollouts as the watch sees them. */
export function watchedGroups({ groups }: Pick<GrpoStep, 'groups'>, { promptText }: Pick<BoundTask, 'promptText'>): WatchedRollout[][] {
  return groups.map((group) =>
    group.map((rollout) => {
      const { row, index, text, reward, audit, stopReason } = rollout;
      return { row, index, prompt: promptText(row), text, tokens: writtenTokens(rollout), truncated: stopReason === 'length', reward, audit };
    }),
  );
}

const PREFIX = 'watch.';
const HACKING = 'reward-hacking';

/** Measures as metrics of the step's event. */
export const watchMetrics = (measures: StepMeasures): Record<string, number> =>
  Object.fromEntries(Object.entries(measures).map(([name, value]) => [`${PREFIX}${name}`, value]));

/** What the watch has seen and said of a run so far, from its log. */
export function watchedPast(events: readonly RunEvent[]): WatchedPast {
  const measures = events.flatMap((event) => (event.type === 'step' ? [{ step: event.step, measures: measuresIn(event.metrics ?? {}) }] : []));
  const warned = events.flatMap((event) =>
    event.type === 'warning' && event.name === HACKING && event.check !== undefined && event.step !== undefined ? [{ check: event.check, step: event.step }] : [],
  );
  return { measures, warned };
}

const measuresIn = (metrics: Readonly<Record<string, number>>): StepMeasures =>
  Object.fromEntries(Object.entries(metrics).flatMap(([name, value]) => (name.startsWith(PREFIX) ? [[name.slice(PREFIX.length), value]] : [])));

export function hackingEvent({ check, step, message, episodes, metrics }: HackingWarning): NewEvent {
  return { type: 'warning', name: HACKING, check, step, message, episodes, metrics };
}
