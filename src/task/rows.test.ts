import { describe, expect, test } from 'vitest';
import { R5Error } from '../error.ts';
import { describe as describeValue, loadRows } from './rows.ts';
import { defineTask } from './task.ts';

const echo = (train: () => readonly string[] | Promise<readonly string[]>) => {
  return defineTask<string>({
    name: 'echo',
    description: 'Say it again.',
    train,
    test: () => ['held out'],
    prompt: (row) => row,
    maxTokens: 8,
    score: () => ({ reward: 0, verdict: 'wrong' }),
  });
};

describe('loadRows', () => {
  test('gives the rows, awaited', async () => {
    expect(await loadRows(echo(() => ['a', 'b']), 'train')).toEqual(['a', 'b']);
    expect(await loadRows(echo(() => Promise.resolve(['a'])), 'train')).toEqual(['a']);
    expect(await loadRows(echo(() => []), 'test')).toEqual(['held out']);
  });

  test('names the task and the set when there are no rows', async () => {
    const empty = loadRows(echo(() => []), 'train');
    await expect(empty).rejects.toThrow(R5Error);
    await expect(empty).rejects.toThrow('The task "echo": train() returned no rows; training needs at least one.');
  });

  test('names the task and the set when reading fails, and keeps the cause', async () => {
    const cause = new Error('no such file');
    const failing = loadRows(echo(() => Promise.reject(cause)), 'train');
    await expect(failing).rejects.toMatchObject({ name: 'R5Error', message: 'The task "echo": train() threw: no such file', cause });
  });

  test('refuses what is no list', async () => {
    const rows: unknown = JSON.parse('{"length": 1}');
    const task = { ...echo(() => []), train: () => rows };
    // A module of JavaScript can return anything; the types cannot see it.
    await expect(loadRows(task as never, 'train')).rejects.toThrow('train() returned {"length":1}; it must return a list of rows.');
  });
});

describe('describe', () => {
  test('shows values on one short line, also those that JSON has no text for', () => {
    expect(describeValue('a\nb')).toBe('"a\\nb"');
    expect(describeValue(NaN)).toBe('NaN');
    expect(describeValue({ reward: NaN, count: 3n })).toBe('{"reward":"NaN","count":"3n"}');
    expect(describeValue(undefined)).toBe('undefined');
    expect(describeValue(() => 1)).toBe('a function');
    expect(describeValue('x'.repeat(500)).length).toBeLessThan(200);
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    expect(describeValue(loop)).toContain('a value that JSON cannot show');
  });
});
