import { describe, expect, test } from 'vitest';
import { gradeMathAnswer } from './grade.ts';

const verdict = (given: string, reference: string): string => gradeMathAnswer(given, reference).verdict;
const title = (text: string): string => JSON.stringify(text.slice(0, 40));

/** Groups of spellings of one answer: each is right for each other one. */
const same: readonly (readonly string[])[] = [
  [
    '3/4', '0.75', '\\frac{3}{4}', '\\dfrac34', '75\\%', '75%', '.75', '6/8', '(3/4)', '$\\frac{3}{4}$',
    '\\tfrac{3}{4}', '3 \\div 4', '0.750', '¾', '7.5e-1', '75 percent', '**3/4**',
  ],
  [
    '5', '5.0', '+5', '10/2', '\\sqrt{25}', '5.', '$5$', '\\$5', '$5', '5 dollars', '5.00', '\\boxed{5}',
    '\\left(5\\right)', '\\mathbf{5}', '|-5|', '2+3=5', '5 units', '\\{5\\}', '５',
  ],
  [
    '1,234', '1234', '1{,}234', '1234.0', '1.234 \\times 10^3', '1.234 * 10^{3}', '1,234 people', '1,\\!234',
    '1\\,234', '1.234 x 10^3', '1.234e3', '1 234',
  ],
  ['1,000,000', '10^6', '1 million', '1{,}000{,}000', '1000 thousand', '1e6'],
  ['-2', '-\\frac{4}{2}', '−2', '-2.0', '\\text{-}2', '-4/2', '- 2', '–2', '(-2)', '\\frac{-4}{2}', '\\frac{4}{-2}'],
  [
    '2\\sqrt{3}', 'sqrt(12)', '2 \\sqrt 3', '\\sqrt{12}', '2√3', '2*sqrt(3)', '\\frac{6}{\\sqrt{3}}',
    '2\\cdot\\sqrt{3}', '12^{1/2}', '12^0.5', '2 sqrt3', '2*3**0.5',
  ],
  [
    '\\frac{\\sqrt{2}}{2}', 'sqrt(2)/2', '\\frac{1}{\\sqrt{2}}', '2^{-1/2}', '\\frac{\\sqrt2}{2}', '\\cos(\\pi/4)',
    '\\sin \\frac{\\pi}{4}', '\\sin 45^\\circ', 'cos(45 degrees)', '½√2',
  ],
  ['\\pi', 'pi', 'π', '\\frac{2\\pi}{2}', '\\pi ', '4\\arctan 1', '\\arccos(-1)'],
  ['2\\pi r', '2*pi*r', 'r \\cdot 2\\pi', '2πr', '2 pi r'],
  ['x^2+1', '1+x^2', 'x^{2} + 1', '(x^2+1)', 'x*x+1', '\\left(x^2+1\\right)', 'x²+1', 'x**2 + 1', '(x+1)^2 - 2x'],
  ['(x+1)(x-1)', 'x^2-1', '-(1-x)(1+x)', '\\frac{(x^2-1)^2}{x^2-1}'],
  ['\\sin^2 x', '1-\\cos^2 x', '(\\sin x)^2', '\\sin(x)^2', 'sin x sin x', '\\frac{1-\\cos 2x}{2}'],
  ['\\tan^{-1} x', '\\arctan x', 'atan(x)'],
  ['xy', 'yx', 'x \\cdot y', 'x*y'],
  ['2ab', '2ba', 'a \\times 2b'],
  ['x=3', '3', 'x = 3', '\\frac{9}{3}', 'x=\\frac{6}{2}', 'x = 6/2 = 3', '3 = x', 'x \\in \\{3\\}'],
  ['f(x)=2x+1', '2x+1', '1+2x', 'f(x) = x + x + 1'],
  ['(1,2)', '(1, 2)', '\\left(1,2\\right)', '( 1 , \\frac{4}{2} )', '(x,y)=(1,2)', 'x=1, y=2', 'y = 2 and x = 1', '\\langle 1, 2\\rangle'],
  ['(12,345)', '(12, 345)'],
  ['[0,1)', '\\left[0,1\\right)', '[0, 1)', '[0,\\frac{2}{2})', '0 \\le x < 1', '1 > x \\geq 0', 'x \\in [0,1)', '\\{x \\mid 0 \\leq x < 1\\}'],
  ['(3, \\infty)', 'x > 3', '3 < x', '(3,∞)', '(3, +\\infty)', 'n>3', '(3, infinity)'],
  ['(-\\infty, 3]', '(-∞,3]', '\\left(-\\infty,3\\right]', 'x \\leqslant 3', 'x <= 3'],
  ['(-\\infty,0)\\cup(1,\\infty)', '(1,\\infty) \\cup (-\\infty,0)', 'x < 0 or x > 1', 'x<0 \\text{ or } x>1'],
  ['(-\\infty,\\infty)', '\\mathbb{R}', 'all real numbers', '\\text{All real numbers}', 'x \\in \\mathbb{R}'],
  [
    '\\{1,2,3\\}', '\\{3, 2, 1\\}', '1,2,3', '3, 1, 2', '1, 2 and 3', '\\left\\{1,2,3\\right\\}', '1, 2, and 3',
    'x = 1, 2, 3', 'x=1 \\text{ or } x=3 \\text{ or } x=2',
  ],
  ['\\emptyset', '\\{\\}', '\\varnothing', '\\text{no solution}', 'No solutions.', '∅'],
  [
    '\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}', '\\begin{bmatrix}1&2\\\\3&\\frac{8}{2}\\end{bmatrix}',
    'A = \\left[\\begin{array}{cc} 1 & 2 \\\\ 3 & 4 \\end{array}\\right]',
  ],
  ['1 \\pm \\sqrt{2}', '1+\\sqrt{2}, 1-\\sqrt{2}', '1-\\sqrt2 , 1+\\sqrt2', '1 ± sqrt(2)', 'x = 1 \\pm \\sqrt 2'],
  ['2\\frac{1}{2}', '2.5', '5/2', '2 1/2', '\\frac{5}{2}', '2½', '2 \\frac12'],
  ['-2\\frac{1}{2}', '-2.5', '-5/2', '-2 1/2'],
  ['3\\cdot 2\\frac12', '7.5'],
  ['\\frac{2\\pi}{3}', '2\\frac{\\pi}{3}', '2\\pi/3', '\\frac23\\pi'],
  ['90^\\circ', '90°', '90 degrees', '90', '90^{\\circ}', '90\\text{ degrees}', '90 deg'],
  ['12 cm', '12', '12\\text{ cm}', '12 centimeters', '12 \\, \\text{cm}', '12cm', '12\\mathrm{cm}'],
  ['12\\text{ m}', '12 m', '12 meters', '12'],
  ['3\\text{ ft}^2', '3 sq ft', '3 square feet', '3 ft²', '3'],
  ['60\\text{ mph}', '60 miles per hour', '60 mi/h'],
  ['3 hours', '3', '3 hrs', '3 h', '3 hr'],
  ['\\$1,234.50', '1234.5', '1,234.50 dollars', '$1234.50', '1,234.50$'],
  ['-\\$5', '-5', '$-5', '-5 dollars'],
  ['\\text{yes}', 'yes', 'Yes', 'YES', '(yes)', '\\textbf{yes}'],
  ['\\text{(B)}', 'B', '(B)', '\\textbf{(B)}', '\\text{B}'],
  ['\\text{Monday}', 'Monday', 'monday.'],
  ['2+3i', '3i+2', '2 + 3 i', '2+\\sqrt{-9}'],
  ['e^2', '\\exp(2)', 'e^{2}', 'e \\cdot e'],
  ['\\ln 2', '\\log(2)', 'ln(2)', '\\frac{1}{2}\\ln 4', '-\\ln \\frac12'],
  ['\\log_2 8', '3', '\\log_{2}(8)', '\\frac{\\ln 8}{\\ln 2}'],
  ['\\log 100', '2', '\\log_{10} 100'],
  ['120', '5!', '\\frac{240}{2}', '\\binom{10}{3}', '2^3 \\cdot 3 \\cdot 5'],
  ['\\binom{n}{2}', '\\frac{n(n-1)}{2}'],
  ['\\sqrt[3]{8}', '2', 'cbrt(8)', '8^{1/3}', '∛8'],
  ['\\sqrt[3]{-8}', '-2', '(-8)^{1/3}'],
  ['10^{-3}', '0.001', '1/1000', '1e-3', '10⁻³'],
  ['0.\\overline{3}', '1/3', '\\frac13'],
  ['0.1\\overline{6}', '\\frac{1}{6}'],
  ['\\frac{x+2}{7}', '(x+2)/7', '\\frac{1}{7}x+\\frac{2}{7}', 'x/7+2/7'],
  ['\\lfloor 3.7 \\rfloor', '3', '\\lceil 2.1 \\rceil'],
  ['2^{2016}', '2 \\cdot 2^{2015}', '4^{1008}'],
  ['1011_2', '1011_{2}', '01011_2'],
  ['3:4', '3 : 4'],
  ['x_1+x_2', 'x_2+x_1', 'x_{1}+x_{2}'],
  ['\\alpha+\\beta', '\\beta + \\alpha', 'α+β'],
  ['x+2y-5=0', 'x+2y=5', '2x+4y-10=0', '5-x-2y=0'],
];

/** One way only: the reference says more than the answer has to. */
const accepted: readonly (readonly [string, string])[] = [
  ['75', '75%'], ['75', '75 percent'], ['1011', '1011_2'], ['12m', '12\\text{ m}'], ['12 m', '12m'],
  ['3', '3\\text{ points}'], ['y=-2x+5', '2x+y=5'],
  // A reference that no reader understands: the same wording, and no other.
  ['\\text{a necessary condition}', 'A necessary condition.'], ['$x \\neq 5$', 'x \\neq 5'],
];

const different: readonly (readonly [string, string])[] = [
  ['3', '4'], ['-3', '3'], ['12', '1,2'], ['1,2', '1,2,3'], ['1234', '1,235'], ['1.234', '1,234'], ['10000000001', '10000000000'],
  ['12345678901234567890', '12345678901234567891'],
  // Rounding is no equality.
  ['0.333', '1/3'], ['0.33', '\\frac{1}{3}'], ['0.3333333333333', '1/3'], ['3.14', '\\pi'], ['22/7', '\\pi'], ['1.414', '\\sqrt2'],
  ['1.41421356237', '\\sqrt{2}'], ['5.0000001', '5'], ['0', '6.02e-23'], ['0', '10^{-15}'], ['1e-30', '2e-30'],
  ['0', '10^{-20}\\pi'], ['10^{20}\\sqrt{2}-10^{20}\\sqrt{2}', '3'],
  // Percent, money, units.
  ['75', '0.75'], ['75', '3/4'], ['0.75', '75'], ['75%', '75'], ['7500%', '75%'], ['10%', '0.01'], ['5 cm', '5 m'], ['5 hours', '5 minutes'],
  ['5 cents', '5 dollars'], ['500 cents', '\\$5'], ['€5', '$5'],
  ['3 ft', '3 ft^2'], ['60 mph', '60 km/h'], ['20 deg F', '20 deg C'], ['100 cm', '1 m'], ['12', '12x'], ['12', '12m'], ['3', '3m'],
  ['5 million', '5'], ['90^\\circ', '\\pi/2'], ['3 thousand', '3'],
  // Brackets and order.
  ['(2,1)', '(1,2)'], ['[0,1]', '[0,1)'], ['(0,1)', '[0,1]'], ['(1,2,3)', '(1,2)'], ['1,2', '(1,2)'], ['\\{1,2\\}', '(1,2)'],
  ['\\{1,2\\}', '\\{1,2,2\\}'], ['(12,345)', '12345'], ['12345', '(12,345)'], ['x \\ge 3', 'x > 3'], ['x<3', 'x>3'],
  ['(1,2),(3,4)', '(1,2)\\cup(3,4)'], ['4:3', '3:4'], ['1:10', '3:30'], ['x=3, y=4', 'x=4, y=3'], ['x=2, y=1', '(1,2)'], ['\\infty', '-\\infty'],
  ['\\begin{pmatrix}1&2\\end{pmatrix}', '\\begin{pmatrix}1\\\\2\\end{pmatrix}'],
  ['\\begin{pmatrix}1&2\\end{pmatrix}', '\\begin{pmatrix}2&1\\end{pmatrix}'], ['3\\begin{pmatrix}1\\end{pmatrix}', '1'],
  // Several answers for one, and one for several.
  ['3 or 4', '3'], ['3, 4', '3'], ['3 and 4', '4'], ['\\{3,4\\}', '3'], ['3 and 3', '3'], ['\\pm 3', '3'], ['3', '\\pm 3'], ['3', '3, 4'],
  ['1,2,3,4,5,6,7,8,9', '3'], ['x = 3 or x = 4', 'x = 3'],
  // Letters in place of an answer.
  ['x', '3'], ['x', 'y'], ['x+1', 'x+2'], ['x^2', 'x^3'], ['x-x+3', '3'], ['3x/x', '3'], ['3+0x', '3'], ['2x', '2'], ['a', '1'], ['e', 'pi'],
  ['i', '1'], ['x = y', '3'], ['y=3', 'x=3'], ['\\alpha', '\\beta'], ['x_1', 'x_2'], ['sin(x)', 'cos(x)'],
  ['x^2=x^2+0', '3'], ['2x=6', 'x=3'], ['2x+3=9', '3'], ['2x-y+1=0', 'y=2x+1'], ['x+2y=6', 'x+2y=5'], ['|x|', 'x'], ['\\sqrt{x^2}', 'x'], ['b', 'B'],
  // No value, or one too large to have.
  ['3/0', '1'], ['1/0', '3'], ['1/0', '\\infty'], ['9^9^9^9', '\\infty'], ['\\infty', '3'], ['\\infty-\\infty', '0'], ['0/0', '0'],
  ['9^9^9^9', '3'], ['170!', '3'], ['100000!', '3'], ['1e400', '1e401'], ['\\log 0', '0'],
  ['\\sqrt{-4}', '2'], ['4!', '25'], ['2^{10}', '1000'], ['1e3', '100'], ['0', '-0.5'], ['2\\sqrt{3}', '3\\sqrt{2}'], ['10_2', '2'],
  ['101_2', '101_3'], ['-2\\frac12', '-1.5'], ['-2^2', '4'], ['1/2x', '1/(2x)'],
  ['yes', 'no'], ['A', 'B'], ['constructor', '3'], ['toString', '3'], ['proto', '3'],
  ['\\text{a sufficient condition}', '\\text{a necessary condition}'], ['3', '\\text{a sentence with a 3}'],
];

const unreadable: readonly string[] = [
  '', ' ', '\\boxed{}', '{}', '()', '[]', '$$', '\\text{}', '?', '...', '%', '$', '-', '=', ',', '\\', '\\\\',
  '\u0000', '😀', '#', '3 = 4', '3 = 4 = 5 =', '\\frac{1}', '\\frac{}{}', '((1)', '1 +', '/ 3', '3 +* 4', '1..2',
  '1.2.3', '1 2 3', '[1,2',
  '\\sqrt{', '\\begin{pmatrix}\\end{pmatrix}', '\\begin{cases} 3 \\end{cases}', '3 & 3', '\\unknown{3}', '3\\\\3',
  'I do not know', 'the number three', '3 (three)', 'about 3', 'at most 3', '\\approx 3', '\\neq 3', 'not equal to 3',
  '3...', '0.333...',
  '3 bananas and', 'the answer is 3', '3 because it is', '3 // 4', '(3,', '{3', '3}', 'import("fs")',
  'x => x', '"3"', 'createUnit("x")', 'evaluate("1")', 'process.exit(1)', 'parse("1")', '{"a":1}', 'while(1){}',
  'a.b', 'x[0]', '3;drop table',
  '__proto__', 'x := 3', '1'.repeat(700), '('.repeat(400), 'x'.repeat(400), '1+'.repeat(250),
  '('.repeat(200) + '3' + ')'.repeat(200), '\\sqrt{'.repeat(90), '{'.repeat(500), '^'.repeat(300),
  '3'.repeat(100_000), '\\frac{'.repeat(10_000),
];

describe('one answer in many spellings', () => {
  test.each(same.map((group) => [group[0] ?? '', group] as const))('%s', (_, group) => {
    const pairs = group.flatMap((given) => group.map((reference) => ({ given, reference })));
    expect(pairs.filter(({ given, reference }) => verdict(given, reference) !== 'correct')).toEqual([]);
  });

  test('are more than 200', () => {
    expect(same.reduce((sum, group) => sum + group.length, 0)).toBeGreaterThan(200);
  });
});

test.each(accepted)('%s is right for %s', (given, reference) => {
  expect(gradeMathAnswer(given, reference)).toEqual({ reward: 1, verdict: 'correct' });
});

test.each(different)('%s is not %s', (given, reference) => {
  expect(gradeMathAnswer(given, reference)).toEqual({ reward: 0, verdict: expect.stringMatching(/wrong|unparsable/) });
});

test.each(unreadable.map((text) => [title(text), text] as const))('%s cannot be read', (_, text) => {
  expect(gradeMathAnswer(text, '3')).toEqual({ reward: 0, verdict: 'unparsable' });
});

test('no answer is unparsable, for any reference', () => {
  for (const reference of ['3', '', '\\boxed{}', '?']) {
    for (const given of [undefined, '', ' ', '\\boxed{}', '?']) expect(gradeMathAnswer(given, reference)).toEqual({ reward: 0, verdict: 'unparsable' });
  }
});

test('hostile answers get a verdict against any reference, and their own text is no exception', () => {
  const hostile = [
    '2^'.repeat(100) + '2', '500!+'.repeat(40) + '1', '1/3^2000+'.repeat(60) + '1', '(x+1/3)^400+'.repeat(30) + 'x',
    'sin('.repeat(48) + 'x' + ')'.repeat(48), 'x*'.repeat(120) + 'y', '(1,'.repeat(100) + '1' + ')'.repeat(100),
    Array.from({ length: 40 }, (_, i) => `\\sqrt{${i}}`).join(','),
    '-'.repeat(500) + '1', '|'.repeat(300), '±1'.repeat(200), '∪1'.repeat(200), 'x='.repeat(200) + '1', '1e999999999', '0.\\overline{' + '3'.repeat(500) + '}', '9'.repeat(590),
  ];
  for (const given of hostile) {
    for (const reference of ['3', '\\frac{x^2+1}{3}', `${given}+x`]) expect(gradeMathAnswer(given, reference).reward).toBe(0);
    expect(['correct', 'wrong', 'unparsable']).toContain(verdict(given, given));
  }
});
