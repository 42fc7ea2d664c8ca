import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { builtInNames, builtInTasks, dataTasks } from './built-in-tasks.ts';
import { closestName } from '../near-names.ts';
import { describe, messageOf } from '../task/rows.ts';
import type { DataOptions } from '../task/data-rows.ts';
import type { Task } from '../task/task.ts';

const callable = z.custom<(...args: never[]) => unknown>((value) => typeof value === 'function', 'must be a function');

const positive = z.int('must be a whole number').positive('must be at least 1');

const taskSchema = z.object({
  name: z.string('must be a text').regex(/^[a-z0-9][a-z0-9-]*$/, 'must be lower-case letters, digits and hyphens'),
  description: z.string('must be a text').min(1, 'must not be empty'),
  train: callable,
  test: callable,
  prompt: callable,
  maxTokens: positive,
  asksAsUser: z.boolean('must be true or false').optional(),
  stop: z.array(z.string().min(1, 'must not be empty'), 'must be a list of texts').optional(),
  score: callable,
  scoreGroup: callable.optional(),
  audit: callable.optional(),
  solution: callable.optional(),
  tools: callable.optional(),
  solutionCalls: callable.optional(),
  system: z.string('must be a text').optional(),
  limits: z.strictObject({ turns: positive.optional(), toolErrors: z.int('must be a whole number').nonnegative('must not be below 0').optional(), timeoutMs: positive.optional() }).optional(),
  corruptions: callable.optional(),
});

/**
 * A task by its built-in name, or the default export of a TypeScript or JavaScript module by its path (anything with a slash or a
 * `.ts`, `.mts`, `.js` or `.mjs` at its end). The module is run: load only what you would run yourself.
 * `options` say where the rows of a task over a dataset come from.
 * @throws R5Error for an unknown name, a missing file, a module that does not load, and a default export that is no task.
 */
export async function loadTask(nameOrPath: string, options: DataOptions = {}): Promise<Task> {
  const isFile = /[\\/]|\.[cm]?[jt]s$/.test(nameOrPath);
  if (options.data !== undefined && (isFile || !Object.hasOwn(dataTasks, nameOrPath))) {
    throw new R5Error(`The task ${nameOrPath} brings its own rows, so it takes no --data; those that do: ${Object.keys(dataTasks).join(', ')}.`);
  }
  if (isFile) return loadModule(nameOrPath);
  const make = Object.entries(dataTasks).find(([name]) => name === nameOrPath)?.[1];
  const task: unknown = make ? make(options) : builtInTasks.find((candidate) => candidate.name === nameOrPath);
  if (task === undefined) {
    const meant = closestName(nameOrPath, builtInNames);
    throw new R5Error(
      `There is no task named "${nameOrPath}".${meant === undefined ? '' : ` Did you mean "${meant}"?`} ` +
        `Built in: ${builtInNames.join(', ')}. For a task of your own give the path of its file, such as ./my-task.ts.`,
    );
  }
  assertTask(task, `The built-in task ${nameOrPath}`);
  return task;
}

/**
 * Checks that a value has all fields of a task, with the right kinds.
 * @throws R5Error that names `place` and every field that is missing or wrong.
 */
export function assertTask(value: unknown, place: string): asserts value is Task {
  const checked = taskSchema.safeParse(value);
  if (checked.success) return;
  const problems = checked.error.issues.map((issue) => {
    const field = issue.path.join('.');
    if (field === '') return `it is ${describe(value)}, not an object`;
    return hasField(value, field) ? `${field} ${issue.message}` : `${field} is missing`;
  });
  throw new R5Error(`${place} is not a task: ${problems.join('; ')}. See defineTask.`);
}

function hasField(value: unknown, field: string): boolean {
  const top = field.split('.')[0] ?? field;
  return typeof value === 'object' && value !== null && top in value;
}

async function loadModule(path: string): Promise<Task> {
  const absolute = resolve(path);
  const file = await stat(absolute).catch((error: unknown) => {
    throw new R5Error(`The task file ${path} cannot be read (${messageOf(error)}). Looked for it at ${absolute}.`, { cause: error });
  });
  if (!file.isFile()) throw new R5Error(`${path} is not a file; give the TypeScript file whose default export is the task.`);
  let module: unknown;
  try {
    module = await import(pathToFileURL(absolute).href);
  } catch (error) {
    throw new R5Error(`The task file ${path} does not load: ${messageOf(error)}`, { cause: error });
  }
  if (typeof module !== 'object' || module === null || !('default' in module)) {
    throw new R5Error(`The task file ${path} has no default export; write: export default defineTask({ ... })`);
  }
  const task = module.default;
  assertTask(task, `The default export of ${path}`);
  return task;
}
