import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { validateTask } from '../validate.ts';
import { chosenLetter } from './chosen-letter.ts';
import { multipleChoice } from './multiple-choice.ts';

test.each([
  ['Answer: B', 'B'], ['The answer is (C).', 'C'], ['\\boxed{A}', 'A'], ['\\boxed{\\text{D}}', 'D'], ['\\boxed{\\textbf{(B)}}', 'B'],
  ['thinking...\n(B)', 'B'], ['B', 'B'], ['B.', 'B'], ['**B**', 'B'], ['**Answer:** D', 'D'], ['**Answer**: D', 'D'],
  ['Answer: B) Paris', 'B'], ['Answer: B. Paris', 'B'], ['The answer is B, because A is too small.', undefined],
  ['The answer is B, because it is large.', 'B'], ['Answer: A\nNo, answer: B', 'B'], ['Answer: $C$', 'C'], ['Answer: C: a cat', 'C'],
  ['Answer: A or B', undefined], ['Answer: A, B', undefined], ['Answer: A. B', undefined], ['Answer: (A) (B)', undefined],
  ['Answer: A/B', undefined], ['Answer: AB', undefined], ['A and C', undefined], ['\\boxed{A, B}', undefined],
  ['\\boxed{A} \\boxed{}', undefined],
  ['', undefined], ['A cat sat', undefined], ['I think so', undefined], ['Because', undefined], ['the answer', undefined],
  ['Answer: Z', undefined], ['Answer: not B', undefined], ['Answer: b', undefined], ['Answer: the second', undefined], ['Answer:', undefined],
])('%j chooses %j', (text, letter) => {
  expect(chosenLetter(text)).toBe(letter);
});

test('the text of the chosen choice may hold other letters, and nothing else may', () => {
  const choices = ['vitamin A', 'vitamin B or C', 'vitamin C'];
  expect(chosenLetter('Answer: B) vitamin B or C', choices)).toBe('B');
  expect(chosenLetter('Answer: A) vitamin B or C', choices)).toBeUndefined();
});

test('a line that the limit cut short chooses nothing, a box and a whole line do', () => {
  const cut = (text: string) => chosenLetter(text, [], { complete: false });
  expect(cut('Answer: A')).toBeUndefined();
  expect(cut('Answer: A\n')).toBe('A');
  expect(cut('\\boxed{A}')).toBe('A');
  expect(cut('A')).toBeUndefined();
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
  [
    'labels', (i: number) => ({ question: `Q${i}?`, choices: { text: ['one', 'two', 'three'], label: ['1', '2', '3'] },
    answer: String((i % 3) + 1) }),
  ],
  ['a text that is a number', (i: number) => ({ question: `Q${i}?`, choices: ['3', '2', '1'], answer: '123'[i % 3] })],
])('choices with the answer as %s', async (_, row) => {
  const report = await validateTask(multipleChoice({ data: file(Array.from({ length: 40 }, (__, i) => row(i))) }));
  expect(report.problems).toEqual([]);
});

test('an answer that is no choice is refused', async () => {
  await expect(multipleChoice({ data: file([{ question: 'Q?', choices: ['a', 'b'], answer: 'E' }]) }).train()).rejects.toThrow(/none of the choices/);
});
