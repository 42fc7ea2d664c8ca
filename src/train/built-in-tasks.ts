import { research } from '../research/task/research.ts';
import { codeTask } from '../task/code/code.ts';
import { countdown } from '../task/countdown/countdown.ts';
import { gsm8k } from '../task/gsm8k/gsm8k.ts';
import { mathTask } from '../task/math/math.ts';
import { multipleChoice } from '../task/multiple-choice/multiple-choice.ts';
import type { DataOptions } from '../task/data-rows.ts';
import { maze } from '../task/maze/maze.ts';
import { search } from '../task/search/search.ts';
import { sort } from '../task/sort/sort.ts';

/** The built-in tasks. */
export const builtInTasks = [countdown, sort, maze, search, research] as const;

/** Tasks over a dataset, by name. */
export const dataTasks = { code: codeTask, gsm8k, math: mathTask, 'multiple-choice': multipleChoice } as const satisfies Readonly<
  Record<string, (options: DataOptions) => unknown>
>;

/** The built-in tasks' names, those over a dataset included. */
export const builtInNames: readonly string[] = [...builtInTasks.map((task) => task.name), ...Object.keys(dataTasks)];
