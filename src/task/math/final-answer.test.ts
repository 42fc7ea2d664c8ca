import { expect, test } from 'vitest';
import { finalAnswer } from './final-answer.ts';

test.each([
  ['So \\boxed{1} and then \\boxed{\\frac{1}{2}}.', '\\frac{1}{2}'],
  ['\\boxed{\\{1, \\sqrt{2}\\}}', '\\{1, \\sqrt{2}\\}'],
  ['$\\boxed{x = \\boxed{3}}$', 'x = \\boxed{3}'],
  ['\\boxed 5$', '5'],
  ['\\fbox{7}', '7'],
  ['\\boxed{}', ''],
  // Boxes that are listed are one answer with several parts.
  ['\\boxed{3} or \\boxed{4}', '3 , 4'],
  ['$\\boxed{3}$, $\\boxed{4}$ and $\\boxed{5}$', '3 , 4 , 5'],
  ['\\boxed{3}\n\\boxed{3}', '3'],
  ['\\boxed{3} is wrong, so \\boxed{4}', '4'],
  // A box counts before the other marks.
  ['\\boxed{2}\n#### 3', '2'],
  ['3 * 4 = 12\n#### 12', '12'],
  ['#### 1\nNo: #### 2\nsure', '2'],
  ['####', ''],
  ['Therefore the answer is 42.', '42'],
  ['The final answer is $\\frac{1}{2}$. I hope it is correct.', '$\\frac{1}{2}$'],
  ['The answer is 3. Or maybe 4.', '3. Or maybe 4'],
  ['**Answer:** 7', '7'],
  ['**Answer**: 7', '7'],
  ['Answer: 7\nThat is all.', '7'],
  ['the answer is\n\n8', '8'],
  ['I have no idea', undefined],
  ['#### 5\n\\boxed{unfinished', undefined],
  ['\\boxed{1} and \\boxed{2', undefined],
  ['', undefined],
])('%j ends in %j', (text, expected) => {
  expect(finalAnswer(text)).toBe(expected);
});

test('a line that the limit cut short is no answer, a closed box and a whole line are', () => {
  const cut = (text: string) => finalAnswer(text, { complete: false });
  expect(cut('#### 12')).toBeUndefined();
  expect(cut('The answer is 12')).toBeUndefined();
  expect(cut('#### 12\nSo')).toBe('12');
  expect(cut('\\boxed{12}')).toBe('12');
});

test('reads the end of a long text', () => {
  expect(finalAnswer(`${'\\boxed{1} '.repeat(20_000)}\\boxed{2}`)).toBe('2');
  expect(finalAnswer('\\boxed{'.repeat(20_000))).toBeUndefined();
});
