/** A task's rows as a model plays them: one completion each, or episodes of many turns where the task has tools. */
import type { Engine } from '../engine/engine.ts';
import type { Tokenizer } from '../model/tokenizer.ts';
import type { Task } from '../task/task.ts';
import { openChatModel } from '../chat/chat-model.ts';
import { bindEpisodes, type EpisodeBinding } from './bind-episodes.ts';
import { bindTask, type BoundTask, type ChatSetting } from './bind-task.ts';

export interface PlayingModel {
  engine: Engine;
  tokenizer: Tokenizer;
  /** What the model is called in errors. */
  name: string;
}

export interface PlayingSettings extends Pick<EpisodeBinding, 'maxTokens' | 'tools'> {
  chat?: ChatSetting | undefined;
}

/** Throws R5Error naming the row whose prompt does not fit, or for a task with tools and a model that cannot be shown any. */
export function bindToModel<Row>(task: Task<Row>, set: 'train' | 'test', { engine, tokenizer, name }: PlayingModel, { maxTokens, tools, chat }: PlayingSettings): Promise<BoundTask> {
  if (task.tools) return bindEpisodes(task, set, { chat: openChatModel({ engine, tokenizer, name }), maxTokens, tools });
  return bindTask(task, set, { tokenizer, contextLength: engine.contextLength, maxTokens, ...(chat === undefined ? {} : { chat }) });
}
