/** A task's row as an episode to run, and an episode as an answer to grade. */
import { episodeMessages } from '../task/episode-messages.ts';
import type { Episode } from '../task/episode.ts';
import type { Answer, Task } from '../task/task.ts';
import type { EpisodeRequest } from './run-episode.ts';

export interface TaskEpisodeOptions {
  /** Without its tools, a task shows what a model knows by heart. Default on. */
  tools?: 'on' | 'off';
  /** Default: the task's own. */
  maxTokens?: number;
}

/** What `runEpisode` needs to know of a row, apart from the model. */
export function taskEpisode<Row>(task: Task<Row>, row: Row, { tools = 'on', maxTokens = task.maxTokens }: TaskEpisodeOptions = {}): Omit<EpisodeRequest, 'model'> {
  return {
    messages: episodeMessages(task, row),
    tools: tools === 'on' ? (task.tools?.(row) ?? []) : [],
    maxTokens,
    limits: task.limits,
    ...(task.stop === undefined ? {} : { sampling: { stop: task.stop } }),
  };
}

/** What the grader gets to see: the last that the model said, and the whole course of it. Cut at a limit unless the model ended it itself. */
export function episodeAnswer(episode: Episode): Answer {
  const { sequences, turns, end } = episode;
  const tokens = turns.reduce((total, { sequence, segment }) => total + (sequences[sequence]?.segments[segment]?.tokens.length ?? 0), 0);
  return { text: turns.at(-1)?.message.content ?? '', tokens, stopReason: end === 'answered' ? 'stop' : 'length', episode };
}
