import { countdown, workedCountdown } from './countdown/countdown.ts';
import { maze, workedMaze } from './maze/maze.ts';
import { sort, workedSort } from './sort/sort.ts';

/** The built-in tasks. */
export const builtInTasks = [countdown, sort, maze] as const;

/** The built-in tasks with their worked solutions; the model that comes with r5 learned from these. */
export const workedTasks = { countdown: workedCountdown, sort: workedSort, maze: workedMaze } as const;

/** The built-in tasks' names. */
export const builtInNames: readonly string[] = builtInTasks.map((task) => task.name);
