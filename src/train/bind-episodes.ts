/** Joins a task with tools to a chat model: a rollout is an episode of many turns, and what the model said last is scored. */
import { runEpisode } from '../agent/run-episode.ts';
import { episodeAnswer, taskEpisode } from '../agent/task-episode.ts';
import type { ChatModel } from '../chat/chat-request.ts';
import type { EpisodeSource } from '../rl/rollouts.ts';
import { trainingSequences } from '../task/episode.ts';
import { loadRows } from '../task/rows.ts';
import { auditAnswer, scoreAnswer } from '../task/score-answer.ts';
import type { Task } from '../task/task.ts';
import type { BoundRows } from './bind-task.ts';
import { groupScore } from './group-score.ts';

export interface EpisodeBinding {
  chat: ChatModel;
  /** Tokens that the model may write in an episode. */
  maxTokens: number;
  /** Without its tools, a task shows what a model knows by heart. Default on. */
  tools?: 'on' | 'off' | undefined;
}

/** Rows that are played as episodes. */
export type BoundEpisodes = BoundRows & EpisodeSource;

/** Reads the task's rows of one set. All rollouts may be played at the same time; each is a conversation of its own. */
export async function bindEpisodes<Row>(task: Task<Row>, set: 'train' | 'test', { chat, maxTokens, tools = 'on' }: EpisodeBinding): Promise<BoundEpisodes> {
  const rows = await loadRows(task, set);
  const rowAt = (row: number): Row => {
    const found = rows[row];
    if (found === undefined) throw new RangeError(`task ${task.name} has no ${set} row ${row}`);
    return found;
  };
  return {
    set,
    rowCount: rows.length,
    promptText: (row) => task.prompt(rowAt(row)),
    rollout: async (index, { sampling, signal, onPlayed }) => {
      const row = rowAt(index);
      const place = `${set} row ${index}`;
      const episode = await runEpisode({ model: chat, ...taskEpisode(task, row, { maxTokens, tools }), sampling, signal });
      const answer = episodeAnswer(episode);
      const played = { text: answer.text, stopReason: answer.stopReason, sequences: trainingSequences(episode), episode };
      onPlayed?.(played);
      const score = await scoreAnswer(task, row, answer, place);
      const audit = set === 'train' ? await auditAnswer(task, row, answer, place) : undefined;
      return { ...score, ...(audit === undefined ? {} : { audit }), ...played };
    },
    ...groupScore(task, set, rowAt),
  };
}
