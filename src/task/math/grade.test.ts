import { describe, expect, test } from 'vitest';
import { finalAnswer, gradeMathAnswer } from './grade.ts';

const verdict = (given: string, reference: string): string => gradeMathAnswer(given, reference).verdict;

/** Groups of spellings of one answer. */
const same: string[][] = [
  ['3/4', '0.75', '\\frac{3}{4}', '\\dfrac34', '75\\%', '75%', '\\frac34', '.75', '6/8', '(3/4)', '$\\frac{3}{4}$', '\\tfrac{3}{4}', '3 \\div 4', '0.750'],
  ['5', '5.0', '+5', '\\boxed5'.replace('\\boxed', ''), '10/2', '\\sqrt{25}', '5.', '$5$', '\\$5', '$5', '5 dollars', '5.00'],
  ['1,234', '1234', '1{,}234', '1234.0', '1.234 \\times 10^3', '1.234 * 10^{3}', '1,234 people'],
  ['-2', '-\\frac{4}{2}', '−2', '-2.0', '\\text{-}2', '-4/2'],
  ['2\\sqrt{3}', 'sqrt(12)', '2 \\sqrt 3', '\\sqrt{12}', '2√3', '2*sqrt(3)', '\\frac{6}{\\sqrt{3}}', '2\\cdot\\sqrt{3}'],
  ['\\frac{\\sqrt{2}}{2}', 'sqrt(2)/2', '\\frac{1}{\\sqrt{2}}', '2^{-1/2}', '\\frac{\\sqrt2}{2}', '\\cos(\\pi/4)', '\\sin \\frac{\\pi}{4}'],
  ['\\pi', 'pi', 'π', '\\frac{2\\pi}{2}', '\\pi '],
  ['2\\pi r', '2*pi*r', 'r \\cdot 2\\pi'],
  ['x^2+1', '1+x^2', 'x^{2} + 1', '(x^2+1)', 'x*x+1', '\\left(x^2+1\\right)'],
  ['(x+1)(x-1)', 'x^2-1', '-(1-x)(1+x)'],
  ['x=3', '3', 'x = 3', '\\frac{9}{3}', 'x=\\frac{6}{2}'],
  ['(1,2)', '(1, 2)', '\\left(1,2\\right)', '( 1 , \\frac{4}{2} )', '(x,y)=(1,2)'],
  ['[0,1)', '\\left[0,1\\right)', '[0, 1)', '[0,\\frac{2}{2})'],
  ['\\{1,2,3\\}', '\\{3, 2, 1\\}', '1,2,3', '3, 1, 2', '1, 2 and 3', '\\left\\{1,2,3\\right\\}'],
  ['(-\\infty, 3]', '(-∞,3]', '\\left(-\\infty,3\\right]'],
  ['(-\\infty,0)\\cup(1,\\infty)', '(1,\\infty) \\cup (-\\infty,0)'],
  ['\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}', '\\begin{bmatrix}1&2\\\\3&\\frac{8}{2}\\end{bmatrix}'],
  ['1 \\pm \\sqrt{2}', '1+\\sqrt{2}, 1-\\sqrt{2}', '1-\\sqrt2 , 1+\\sqrt2', '1 ± sqrt(2)'],
  ['2\\frac{1}{2}', '2.5', '5/2', '2 1/2', '\\frac{5}{2}'],
  ['90^\\circ', '90°', '90 degrees', '90', '90^{\\circ}', '90\\text{ degrees}'],
  ['12 cm', '12', '12\\text{ cm}', '12 centimeters', '12 \\, \\text{cm}', '12cm'],
  ['3 hours', '3', '3 hrs', '3 h'],
  ['\\text{yes}', 'yes', 'Yes', 'YES', '(yes)'],
  ['\\text{(B)}', 'B', '(B)', '\\textbf{(B)}', '\\text{B}'],
  ['2+3i', '3i+2', '2 + 3 i'],
  ['e^2', '\\exp(2)', 'e^{2}'],
  ['\\ln 2', '\\log(2)', 'ln(2)', '\\frac{1}{2}\\ln 4'],
  ['120', '5!', '\\frac{240}{2}'],
  ['\\sqrt[3]{8}', '2', 'cbrt(8)'],
  ['10^{-3}', '0.001', '1/1000', '1e-3'],
  ['\\frac{x+2}{7}', '(x+2)/7', '\\frac{1}{7}x+\\frac{2}{7}'],
];

const different: [string, string][] = [
  ['3', '4'], ['0.333', '1/3'], ['0.33', '\\frac{1}{3}'], ['75', '0.75'], ['75', '3/4'], ['0.75', '75'], ['-3', '3'], ['3.14', '\\pi'], ['22/7', '\\pi'],
  ['(2,1)', '(1,2)'], ['[0,1]', '[0,1)'], ['(0,1)', '[0,1]'], ['1,2', '1,2,3'], ['\\{1,2\\}', '\\{1,2,2\\}'], ['x', '3'], ['x', 'y'], ['x+1', 'x+2'], ['x^2', 'x^3'],
  ['3 or 4', '3'], ['3, 4', '3'], ['3 and 4', '4'], ['x-x+3', '3'], ['2x', '2'], ['3/0', '1'], ['1/0', '3'], ['\\infty', '3'], ['-\\infty', '\\infty'],
  ['5 cm', '5 m'], ['5 hours', '5 minutes'], ['yes', 'no'], ['A', 'B'], ['10%', '0.01'], ['1234', '1,235'], ['1.234', '1,234'], ['12', '1,2'], ['1 2', '12'],
  ['\\begin{pmatrix}1&2\\end{pmatrix}', '\\begin{pmatrix}1\\\\2\\end{pmatrix}'], ['\\begin{pmatrix}1&2\\end{pmatrix}', '\\begin{pmatrix}2&1\\end{pmatrix}'],
  ['2\\sqrt{3}', '3\\sqrt{2}'], ['\\sqrt{-4}', '2'], ['4!', '25'], ['2^{10}', '1000'], ['1e3', '100'], ['sin(x)', 'cos(x)'], ['(1,2,3)', '(1,2)'],
  ['9^9^9^9', '3'], ['170!', '3'], ['100000!', '3'], ['0', '-0.5'], ['e', 'pi'], ['i', '1'], ['a', '1'], ['5.0000001', '5'], ['f = 1; f', '1'], ['constructor', '3'], ['3 apples and some', '3'],
];

const unreadable: string[] = [
  '', ' ', '\\boxed{}', '?', '...', 'I do not know', 'the number three', '3 = 4 = 5 =', '\\frac{1}', '((1)', '1 +', '* 3', 'import("fs")', 'x => x', '"3"', '[1,2', 'createUnit("x")',
  'evaluate("1")', '1..2', '\\sqrt{', 'process.exit(1)', '1 2 3', 'parse("1")', '{"a":1}', 'while(1){}', '1'.repeat(700), '('.repeat(400), 'x'.repeat(400), '1+'.repeat(250), '9,'.repeat(150),
];

describe('one answer in many spellings', () => {
  test.each(same.map((group) => [group[0] ?? '', group] as const))('%s', (_, group) => {
    for (const given of group) for (const reference of [group[0] ?? '', group.at(-1) ?? '']) expect(`${given} for ${reference}: ${verdict(given, reference)}`).toBe(`${given} for ${reference}: correct`);
  });
});

test.each(different)('%s is not %s', (given, reference) => {
  expect(verdict(given, reference)).not.toBe('correct');
  expect(gradeMathAnswer(given, reference).reward).toBe(0);
});

test.each(unreadable.map((text) => [text.slice(0, 40), text]))('%s cannot be read', (_, text) => {
  expect(verdict(text, '3')).toBe('unparsable');
  // Not even a reference that cannot be read makes it right.
  expect(verdict(text, text)).toBe('unparsable');
});

describe('the final answer of a text', () => {
  test.each([
    ['So \\boxed{1} and then \\boxed{\\frac{1}{2}}.', '\\frac{1}{2}'],
    ['3 * 4 = 12\n#### 12', '12'],
    ['#### 1\nNo: #### 2\nsure', '2'],
    ['Therefore the answer is 42.', '42'],
    ['**Answer:** 7', '7'],
    ['Answer: 7\nThat is all.', '7'],
    ['I have no idea', undefined],
    ['\\boxed{unfinished', undefined],
    ['', undefined],
  ])('%j: %j', (text, expected) => {
    expect(finalAnswer(text)).toBe(expected);
  });
});
