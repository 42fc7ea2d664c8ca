import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { builtInTasks } from '../train/built-in-tasks.ts';
import { loadTask } from '../train/load-task.ts';
import { defineTask } from './task.ts';
import { defineTool } from './tool.ts';
import type { Task } from './task.ts';
import { validateTask } from './validate.ts';

/** Add two digits: small, and right in every way. */
function sums(changes: Partial<Task<[number, number]>> = {}): Task<[number, number]> {
  const pairs = Array.from({ length: 100 }, (_, i): [number, number] => [Math.floor(i / 10), i % 10]);
  return {
    ...defineTask<[number, number]>({
      name: 'sums',
      description: 'Add two digits.',
      train: () => pairs.slice(0, 80),
      test: () => pairs.slice(80),
      prompt: ([a, b]) => `${a}+${b}=`,
      maxTokens: 4,
      score: ([a, b], { text }) => {
        if (!/^\d+$/.test(text)) return { reward: 0, verdict: 'unparsable' };
        return Number(text) === a + b ? { reward: 1, verdict: 'correct' } : { reward: 0, verdict: 'wrong' };
      },
      solution: ([a, b]) => String(a + b),
    }),
    ...changes,
  };
}

const messages = async (task: Task<[number, number]>): Promise<string[]> => {
  return (await validateTask(task)).problems.map(({ place, message }) => `${place}: ${message}`);
};

/** The same with a calculator that must have been asked. */
function sumsWithTool(changes: Partial<Task<[number, number]>> = {}): Task<[number, number]> {
  const add = defineTool({ name: 'add', description: 'Adds.', parameters: z.object({ a: z.number(), b: z.number() }), run: ({ a, b }) => a + b });
  const plain = sums();
  return sums({
    tools: () => [add],
    score: (row, answer) => (answer.episode?.toolResults.some(({ result }) => result === answer.text) ? plain.score(row, answer) : { reward: 0, verdict: 'wrong' }),
    solutionCalls: ([a, b]) => [{ name: 'add', arguments: { a, b } }],
    ...changes,
  });
}

describe('validateTask with tools', () => {
  test('makes the calls of the solution and shows the grader their results', async () => {
    expect(await validateTask(sumsWithTool(), { rows: 5 })).toMatchObject({ passed: true, callsChecked: 10, solutionsChecked: 10 });
  });

  test('finds calls that fail and tools that cannot be offered', async () => {
    const misspelt = await messages(sumsWithTool({ solutionCalls: ([a, b]) => [{ name: 'plus', arguments: { a, b } }] }));
    expect(misspelt[0]).toBe('train row 0: the solution\'s call plus({"a":0,"b":0}) fails: Error: there is no tool "plus"; there is: add');
    const [add] = sumsWithTool().tools?.([0, 0]) ?? [];
    if (add === undefined) throw new Error('there is a tool');
    await expect(validateTask(sumsWithTool({ tools: () => [add, add] }))).rejects.toThrow('train row 0: Two tools are named "add"');
  });
});

describe('validateTask', () => {
  test('passes every built-in task', async () => {
    for (const { name } of builtInTasks) {
      const report = await validateTask(await loadTask(name), { rows: 40 });
      expect(report.problems).toEqual([]);
      expect(report).toMatchObject({ task: name, testRows: 1024, rowsChecked: 80, solutionsChecked: 80, passed: true });
      expect(report.corruptionsChecked).toBeGreaterThan(500);
    }
  });

  test('passes a task that is right, with and without a solution', async () => {
    expect(await validateTask(sums())).toMatchObject({ passed: true, trainRows: 80, testRows: 20, rowsChecked: 100 });
    const { solution: _, ...without } = sums();
    expect(await validateTask(without)).toMatchObject({ passed: true, solutionsChecked: 0, corruptionsChecked: 100 });
  });

  test('finds a solution that the grader does not accept', async () => {
    const [first] = await messages(sums({ solution: ([a, b]) => `${a + b}!` }));
    expect(first).toBe(
      'train row 0: the solution "0!" scores {"reward":0,"verdict":"unparsable"}; it must earn reward 1 and verdict correct',
    );
  });

  test('finds a grader that rewards everything, nothing at all, or the answers of other rows', async () => {
    const found = await messages(sums({ score: () => ({ reward: 1, verdict: 'correct' }) }));
    expect(found).toContain('train row 0: the corrupted answer "" scores {"reward":1,"verdict":"correct"}; it must earn less');
    const careless = await messages(
      sums({ score: (_, { text }) => (text === '' ? { reward: 0, verdict: 'unparsable' } : { reward: 1, verdict: 'correct' }) }),
    );
    expect(careless).toContain('train row 0: the solutions of 3 other rows earn full marks here: does score() look at the row?');
  });

  test('finds a corruption of the task itself that earns full marks', async () => {
    const found = await messages(sums({ corruptions: ([a, b]) => [`0${a + b}`] }));
    expect(found[0]).toContain('the corrupted answer "00" scores');
  });

  test('finds a grader that is not deterministic', async () => {
    let calls = 0;
    const score = () => ({ reward: 0, verdict: 'wrong', parts: { calls: calls++ } }) as const;
    const found = await messages(sums({ score, corruptions: () => [] }));
    expect(found.filter((each) => each.includes('score() must be deterministic'))).toHaveLength(100);
  });

  test('finds held-out prompts among the training ones, and empty prompts', async () => {
    const found = await messages(sums({ test: () => [[0, 3]] }));
    expect(found).toEqual(['test row 0: has the prompt of train row 3, "0+3=": held-out rows must not be trained on']);
    const empty = await messages(sums({ test: () => [[0, 3]], prompt: ([a, b]) => (b === 3 && a > 0 ? '\n' : `${a}+${b}=`) }));
    expect(empty[0]).toBe('train row 13: the prompt is empty');
  });

  test('gives up, naming the row, on functions that throw or return the wrong kind of value', async () => {
    const fails = async (changes: Partial<Task<[number, number]>>, message: string) => {
      await expect(validateTask(sums(changes))).rejects.toMatchObject({ name: 'R5Error', message: expect.stringContaining(message) });
    };
    await fails({ score: () => { throw new Error('boom'); } }, 'The task "sums", train row 0: score() threw on the answer "0": boom');
    await fails({ score: () => ({ reward: NaN, verdict: 'wrong' }) }, 'The task "sums", train row 0: score() returned {"reward":"NaN"');
    await fails({ prompt: () => { throw new Error('boom'); } }, 'The task "sums", train row 0: prompt() threw: boom');
    await fails({ prompt: () => undefined as never }, 'prompt() returned undefined; it must return a text');
    await fails({ solution: () => 7 as never }, 'solution() returned 7; it must return a text');
    await fails({ corruptions: () => [7] as never }, 'corruptions() returned [7]; it must return a list of texts');
    await fails({ train: () => [] }, 'train() returned no rows');
    await fails({ test: () => [] }, 'test() returned no rows; evaluation needs at least one');
  });

  test('checks as many rows as asked for, and refuses to check none', async () => {
    expect(await validateTask(sums(), { rows: 5 })).toMatchObject({ rowsChecked: 10, trainRows: 80 });
    for (const rows of [0, -1, NaN, 1.5]) await expect(validateTask(sums(), { rows })).rejects.toThrow('Cannot validate');
  });
});
