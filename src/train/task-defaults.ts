/** Settings that suit a built-in task better than the general defaults. What a person gives goes before them. */
import type { TrainSettingsInput } from './settings.ts';

type Defaults = Readonly<Omit<TrainSettingsInput, 'task'>>;

/** Chosen so that the tasks with a search tool are learned within five minutes on two cores. */
const searching = { steps: 24, prompts: 32, groupSize: 8, updates: 2, learningRate: 3e-4, schedule: 'linear', evalEvery: 4, checkpointEvery: 12 } as const;

const defaultsByTask: Readonly<Record<string, Defaults>> = {
  search: { model: 'r5-tiny-search', ...searching },
  research: { model: 'r5-tiny-research-base', ...searching },
};

/** Empty for a task that has none of its own. */
export function taskDefaults(task: string): Defaults {
  return Object.hasOwn(defaultsByTask, task) ? (defaultsByTask[task] ?? {}) : {};
}
