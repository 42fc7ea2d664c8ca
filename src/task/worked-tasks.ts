import { workedCountdown } from './countdown/countdown.ts';
import { workedMaze } from './maze/maze.ts';
import { workedSort } from './sort/sort.ts';

/** Built-in tasks with their worked solutions; the model that comes with r5 learned from these. */
export const workedTasks = { countdown: workedCountdown, sort: workedSort, maze: workedMaze } as const;
