import { codeTask } from './code/code.ts';
import { countdown, workedCountdown } from './countdown/countdown.ts';
import { gsm8k } from './gsm8k/gsm8k.ts';
import { mathTask } from './math/math.ts';
import { multipleChoice } from './multiple-choice/multiple-choice.ts';
import type { DataOptions } from './data-rows.ts';
import { maze, workedMaze } from './maze/maze.ts';
import { research } from '../research/task/research.ts';
import { search } from './search/search.ts';
import { sort, workedSort } from './sort/sort.ts';

/** The built-in tasks. */
export const builtInTasks = [countdown, sort, maze, search, research] as const;

/** The built-in tasks with their worked solutions; the model that comes with r5 learned from these. */
export const workedTasks = { countdown: workedCountdown, sort: workedSort, maze: workedMaze } as const;

/** Tasks over a dataset, by name. */
export const dataTasks = { code: codeTask, gsm8k, math: mathTask, 'multiple-choice': multipleChoice } as const satisfies Readonly<
  Record<string, (options: DataOptions) => unknown>
>;

/** The built-in tasks' names, those over a dataset included. */
export const builtInNames: readonly string[] = [...builtInTasks.map((task) => task.name), ...Object.keys(dataTasks)];
