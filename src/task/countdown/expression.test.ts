import { describe, expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { evaluateExpression, formatExpression, hasValue, numbersIn, operators, parseExpression } from './expression.ts';
import type { Expression } from './expression.ts';

function randomTree(random: Random, depth: number): Expression {
  if (depth === 0 || random.uniform() < 0.2) return random.integer(0, 20);
  return { operator: random.pick(operators), left: randomTree(random, depth - 1), right: randomTree(random, depth - 1) };
}

/** The value in floating point, worked out apart from the exact one. */
function approximate(expression: Expression): number {
  if (typeof expression === 'number') return expression;
  const left = approximate(expression.left);
  const right = approximate(expression.right);
  return { '+': left + right, '-': left - right, '*': left * right, '/': left / right }[expression.operator];
}

describe('expressions', () => {
  test('are written with the parentheses that they need and no others', () => {
    for (const text of ['(3+7)*12', '12-(7-3)', '12-(7+3)', '12-7-3', '3*7+12', '12/(6/3)', '12/6/3', '(12-4)/2', '12-7*3', '2*(3+4)*5']) {
      const expression = parseExpression(text);
      expect(expression, text).toBeDefined();
      expect(formatExpression(expression!)).toBe(text);
    }
    expect(formatExpression(parseExpression('((3)+(7*(12)))')!)).toBe('3+7*12');
    expect(formatExpression(parseExpression('3+(7-12)')!)).toBe('3+7-12');
    expect(formatExpression(parseExpression('3*(8/2)')!)).toBe('3*8/2');
  });

  test('keep their exact value when written and read back', () => {
    const random = new Random(1);
    let read = 0;
    for (let i = 0; i < 2000; i++) {
      const tree = randomTree(random, 3);
      const text = formatExpression(tree);
      if (text.length > 64) continue;
      const back = parseExpression(text);
      expect(back, text).toBeDefined();
      expect(numbersIn(back!)).toEqual(numbersIn(tree));
      const value = evaluateExpression(tree);
      const valueBack = evaluateExpression(back!);
      expect(valueBack === undefined, text).toBe(value === undefined);
      if (value === undefined || valueBack === undefined) continue;
      read++;
      expect(value.numerator * valueBack.denominator, text).toBe(valueBack.numerator * value.denominator);
      expect(Number(value.numerator) / Number(value.denominator)).toBeCloseTo(approximate(tree), 6);
    }
    expect(read).toBeGreaterThan(1000);
  });

  test('are read with the usual precedence, from the left, and exactly', () => {
    const valueOf = (text: string, value: number) => hasValue(parseExpression(text)!, value);
    expect(valueOf('2+3*4', 14)).toBe(true);
    expect(valueOf('20-3-4', 13)).toBe(true);
    expect(valueOf('16/4/2', 2)).toBe(true);
    expect(valueOf(' ( 2 + 3 ) * 4 ', 20)).toBe(true);
    expect(valueOf('7/3*3', 7)).toBe(true);
    expect(valueOf('1/3+1/3+1/3', 1)).toBe(true);
    expect(valueOf('8/(3-8/3)', 24)).toBe(true);
    // Doubles would round the product to this value.
    expect(valueOf('99999999*99999999', 9999999800000000)).toBe(false);
    expect(valueOf('99999999*99999999-1', 9999999800000000)).toBe(true);
    expect(valueOf('4/(2-2)', 0)).toBe(false);
    expect(valueOf('2-5', 3)).toBe(false);
  });

  test('are nothing else: whatever is not one is refused', () => {
    const refused = [
      '', ' ', '()', '(', ')', '3+', '+3', '-3', '3+-7', '3--7', '(-3)+7', '3 7', '3 + 7 12', '3(7)', '(3)(7)', '(3+7', '3+7)', '3++7',
      '3+7=10', '3×7', '3x7', '3**7', '3//7', '3%7', '3^7', '3.5+7', '3,7', '03+7', '0x3+7', '1e3', '3+seven', 'Number(3)', '3;7', '3+7 //',
      '3\t+7', '٣+7', '3+7!', '"3"', '[3]', 'constructor', '__proto__', '3+7 answer', '9999999999+1', `${'('.repeat(40)}3${')'.repeat(40)}`,
      `1${'+1'.repeat(40)}`,
    ];
    for (const text of refused) expect(parseExpression(text), JSON.stringify(text)).toBeUndefined();
  });
});
