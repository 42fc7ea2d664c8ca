import { taskDefaults } from '../train/task-defaults.ts';

/** The model that a task is best tried with, as the default of `--model`; empty where that is the general one. */
export function defaultModel(task: string): { model?: string } {
  const { model } = taskDefaults(task);
  return model === undefined ? {} : { model };
}
