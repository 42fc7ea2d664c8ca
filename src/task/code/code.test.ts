import { join } from 'node:path';
import { expect, test } from 'vitest';
import { validateTask } from '../validate.ts';
import { codeTask } from './code.ts';
import { gradeCode } from './grade.ts';

const answer = (text: string) => ({ text, tokens: 9, stopReason: 'stop' as const });
const grade = (text: string, tests: readonly string[] = ['assertEqual(twice(2), 4);', 'assertEqual(twice(0), 0);'], timeMs = 20_000) =>
  gradeCode(tests, answer(text), { timeMs });
const js = (program: string): string => `Here it is:\n\`\`\`js\n${program}\n\`\`\``;

test('full marks for passing all tests only; the part is the share', async () => {
  expect(await grade(js('const twice = (n) => 2 * n;'))).toEqual({ reward: 1, verdict: 'correct', parts: { passed: 1 } });
  expect(await grade(js('const twice = (n) => n + n * (n > 0);'))).toMatchObject({ reward: 1 });
  expect(await grade(js('const twice = () => 4;'))).toEqual({ reward: 0, verdict: 'wrong', parts: { passed: 0.5 } });
  expect(await grade(js('const twice = ('))).toEqual({ reward: 0, verdict: 'wrong', parts: { passed: 0 } });
});

test('TypeScript counts where the block is called so, or nothing', async () => {
  const typed = 'const twice = (n: number): number => 2 * n;';
  expect(await grade(`\`\`\`ts\n${typed}\n\`\`\``)).toMatchObject({ reward: 1 });
  expect(await grade(`\`\`\`\n${typed}\n\`\`\``)).toMatchObject({ reward: 1 });
  expect(await grade(js(typed))).toMatchObject({ reward: 0, verdict: 'wrong' });
});

test('unparsable without a closed block of JavaScript or TypeScript', async () => {
  const program = 'const twice = (n) => 2 * n;';
  for (const text of ['', program, `\`\`\`js\n${program}`, `\`\`\`python\n${program}\n\`\`\``, js(' '), `${js(program)}\n\`\`\`js\nunfinished`]) {
    expect(await grade(text), text).toEqual({ reward: 0, verdict: 'unparsable', parts: { passed: 0 } });
  }
});

test('each test meets a fresh run of the program', async () => {
  const program = 'let calls = 0; const twice = () => ++calls;';
  expect(await grade(js(program), ['assertEqual(twice(), 1);', 'assertEqual(twice(), 1);'])).toMatchObject({ reward: 1 });
});

test('an endless loop fails every test, those included that are no longer run', async () => {
  const tests = Array.from({ length: 50 }, () => 'assertEqual(twice(2), 4);');
  expect(await grade(js('function twice() { for (;;) {} }'), tests, 100)).toEqual({ reward: 0, verdict: 'wrong', parts: { passed: 0 } });
});

test('the problems that come with it are sound, and distinct in the two sets', async () => {
  const task = codeTask();
  const report = await validateTask(task, { rows: 2 });
  expect(report).toMatchObject({ problems: [], trainRows: 12, testRows: 4, solutionsChecked: 4, passed: true });
  for (const row of [...(await task.train()), ...(await task.test())]) {
    expect(await task.score(row, answer(task.solution?.(row) ?? '')), row.prompt).toMatchObject({ reward: 1 });
  }
});

test('rows come from a file, with tests as a list or as one text', async () => {
  const task = codeTask({ data: join(import.meta.dirname, 'rows.fixture.jsonl'), columns: { prompt: 'text', tests: 'test_list' } });
  const rows = [...(await task.train()), ...(await task.test())];
  expect(rows).toHaveLength(12);
  for (const row of rows) expect(await task.score(row, answer(task.solution?.(row) ?? ''))).toMatchObject({ reward: 1 });
  const shown = 'It must pass tests such as this one:\n\n```js\nassertEqual(plus';
  expect(rows.filter((row) => task.prompt(row).includes(shown))).toHaveLength(11);
  await expect(codeTask({ data: join(import.meta.dirname, 'rows.fixture.jsonl') }).train()).rejects.toThrow(/row 0: prompt: .*--columns/);
});
