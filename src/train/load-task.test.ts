import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { R5Error } from '../error.ts';
import { builtInTasks } from './built-in-tasks.ts';
import { loadTask } from './load-task.ts';
import { loadRows } from '../task/rows.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'r5-load-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileWith(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const whole = `{
  name: 'parrot', description: 'Say it again.', maxTokens: 8,
  train: () => ['a'], test: () => ['b'],
  prompt: (row: string): string => row,
  score: (row: string, answer: { text: string }) => ({ reward: Number(answer.text === row), verdict: 'correct' }),
}`;

async function failure(nameOrPath: string): Promise<string> {
  const error: unknown = await loadTask(nameOrPath).then(() => undefined, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(R5Error);
  return error instanceof R5Error ? error.message : '';
}

describe('loadTask', () => {
  test('finds the built-in tasks by name', async () => {
    for (const task of builtInTasks) expect(await loadTask(task.name)).toBe(task);
  });

  test('loads the default export of a TypeScript file', async () => {
    const task = await loadTask(await fileWith('parrot.ts', `export default ${whole};`));
    expect(task.name).toBe('parrot');
    expect(await loadRows(task, 'train')).toEqual(['a']);
    expect(await task.score('a', { text: 'a', tokens: 2, stopReason: 'stop' })).toMatchObject({ reward: 1 });
  });

  test('keeps the object itself, so that a task may be a class with a state of its own', async () => {
    const path = await fileWith('class.ts', `class Parrot {
      name = 'parrot'; description = 'Say it again.'; maxTokens = 8; #rows = ['a'];
      train() { return this.#rows; }
      test() { return this.#rows; }
      prompt(row: string) { return row; }
      score() { return { reward: 1, verdict: 'correct' }; }
    }
    export default new Parrot();`);
    expect(await loadRows(await loadTask(path), 'train')).toEqual(['a']);
  });

  test('suggests a name for a mistyped one, and lists the names', async () => {
    expect(await failure('cuontdown')).toBe(
      'There is no task named "cuontdown". Did you mean "countdown"? Built in: countdown, sort, maze, search, research, code, gsm8k, math, multiple-choice. ' +
        'For a task of your own give the path of its file, such as ./my-task.ts.',
    );
    expect(await failure('mmlu')).not.toContain('Did you mean');
    expect(await failure('')).toContain('There is no task named ""');
  });

  test('says which file is missing, or is none', async () => {
    expect(await failure('./not-there.ts')).toMatch(/^The task file \.\/not-there\.ts cannot be read .*Looked for it at \//);
    expect(await failure('not-there.ts')).toContain('The task file not-there.ts cannot be read');
    expect(await failure(`${folder}/`)).toContain('is not a file');
  });

  test('says why a module does not load', async () => {
    const throws = await fileWith('throws.ts', `throw new Error('out of cheese');`);
    expect(await failure(throws)).toContain('throws.ts does not load: out of cheese');
    expect(await failure(await fileWith('broken.ts', 'export default {'))).toContain('broken.ts does not load');
  });

  test('says that there is no default export', async () => {
    expect(await failure(await fileWith('named.ts', `export const task = ${whole};`))).toContain('named.ts has no default export');
  });

  test('names the fields that are missing or wrong', async () => {
    const fields = `{ name: 'Parrot', description: '', train: [], maxTokens: 0.5 }`;
    const partial = await failure(await fileWith('partial.ts', `export default ${fields};`));
    for (const part of [
      'The default export of', 'partial.ts is not a task', 'name must be lower-case letters', 'description must not be empty',
      'train must be a function', 'test is missing', 'prompt is missing', 'score is missing', 'maxTokens must be a whole number',
    ]) expect(partial).toContain(part);
    expect(await failure(await fileWith('number.ts', 'export default 7;'))).toContain('is not a task: it is 7, not an object');
    expect(await failure(await fileWith('null.ts', 'export default null;'))).toContain('is not a task: it is null, not an object');
    const stop = `export default { ...${whole}, stop: [''] };`;
    expect(await failure(await fileWith('stop.ts', stop))).toContain('stop.0 must not be empty');
  });

  test('an empty dataset is named when it is read', async () => {
    const task = await loadTask(await fileWith('empty.ts', `export default { ...${whole}, train: () => [] };`));
    await expect(loadRows(task, 'train')).rejects.toThrow('The task "parrot": train() returned no rows');
  });
});
