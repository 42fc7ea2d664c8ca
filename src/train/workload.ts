/** What a run trains on: the rows, how they are played, and their limits. The run's driver knows nothing else of a task. */
import type { LocalEngine } from '../engine/local/local-engine.ts';
import { R5Error } from '../error.ts';
import { loadTask } from './load-task.ts';
import type { Tokenizer } from '../model/tokenizer.ts';
import type { BoundTask } from './bind-task.ts';
import { bindToModel } from './bind-to-model.ts';
import { dataOptions } from './data-settings.ts';
import type { TrainSettings } from './settings.ts';

export interface Workload {
  name: string;
  /** Longest rollout in tokens, where the settings do not say. */
  maxTokens: number;
  /** Texts that end a completion. */
  stop: readonly string[];
  /** `undefined` for held-out rows that there are none of: nothing is evaluated then. */
  bind: (engine: LocalEngine, maxTokens: number) => Promise<{ train: BoundTask; test: BoundTask | undefined }>;
}

/** The task that the settings name. */
export async function taskWorkload(settings: Pick<TrainSettings, 'task' | 'model' | 'data' | 'columns' | 'chat'>): Promise<Workload> {
  const task = await loadTask(settings.task, dataOptions(settings));
  return {
    name: task.name,
    maxTokens: task.maxTokens,
    stop: task.stop ?? [],
    bind: async (engine, maxTokens) => {
      const model = { engine, tokenizer: tokenizerOf(engine), name: settings.model };
      const playing = { maxTokens, chat: settings.chat };
      return { train: await bindToModel(task, 'train', model, playing), test: await bindToModel(task, 'test', model, playing) };
    },
  };
}

/** Throws R5Error for a model without one. */
export function tokenizerOf({ tokenizer }: LocalEngine): Tokenizer {
  if (tokenizer) return tokenizer;
  throw new R5Error('The model has no tokenizer.json, so it can neither read nor write text.');
}
