import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { validateTask } from '../validate.ts';
import { chosenLetter, multipleChoice } from './multiple-choice.ts';

test.each([
  ['Answer: B', 'B'], ['The answer is (C).', 'C'], ['\\boxed{A}', 'A'], ['\\boxed{\\text{D}}', 'D'], ['thinking...\n(B)', 'B'], ['B', 'B'], ['B.', 'B'], ['**Answer:** D', 'D'],
  ['Answer: B) Paris', 'B'], ['Answer: A or B', undefined], ['Answer: A, B', undefined], ['A and C', undefined], ['A or B', undefined], ['', undefined], ['A cat sat', 'A'], ['Because', undefined],
  ['the answer', undefined], ['Answer: Z', undefined], ['Answer: A\nNo, answer: B', 'B'],
])('%j chooses %j', (text, letter) => {
  expect(chosenLetter(text)).toBe(letter);
});

function file(rows: readonly object[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'r5-choice-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'rows.jsonl');
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return path;
}

test.each([
  ['a letter', (i: number) => ({ question: `Q${i}?`, choices: ['one', 'two', 'three'], answer: 'ABC'[i % 3] })],
  ['an index', (i: number) => ({ question: `Q${i}?`, choices: ['one', 'two', 'three'], answer: i % 3 })],
  ['a text', (i: number) => ({ question: `Q${i}?`, choices: ['one', 'two', 'three'], answer: ['one', 'two', 'three'][i % 3] })],
  ['columns', (i: number) => ({ question: `Q${i}?`, A: 'one', B: 'two', C: 'three', answer: 'ABC'[i % 3] })],
])('choices with the answer as %s', async (_, row) => {
  const report = await validateTask(multipleChoice({ data: file(Array.from({ length: 40 }, (__, i) => row(i))) }));
  expect(report.problems).toEqual([]);
});

test('an answer that is no choice is refused', async () => {
  await expect(multipleChoice({ data: file([{ question: 'Q?', choices: ['a', 'b'], answer: 'E' }]) }).train()).rejects.toThrow(/none of the choices/);
});
