import { writtenTokens, type GroupScore } from '../rl/rollouts.ts';
import { scoreGroupOf } from '../task/score-answer.ts';
import type { Answer, Task } from '../task/task.ts';

/** The task's scoring of a group as the loops call it, for training rows of a task that has one: rewards that depend on each other are no measure. */
export function groupScore<Row>(task: Task<Row>, set: 'train' | 'test', rowAt: (row: number) => Row): { scoreGroup?: GroupScore } {
  if (task.scoreGroup === undefined || set === 'test') return {};
  return {
    scoreGroup: (row, members) => {
      const answers = members.map(({ text, stopReason, episode, sequences }): Answer => ({ text, tokens: writtenTokens({ sequences }), stopReason, ...(episode ? { episode } : {}) }));
      return scoreGroupOf(task, rowAt(row), answers, members, `${set} row ${row}`);
    },
  };
}
