/** Arithmetic over whole numbers as trees: written, read back by a strict parser, and evaluated exactly. Text is never run as code. */

export const operators = ['+', '-', '*', '/'] as const;
export type Operator = (typeof operators)[number];

export type Expression = number | { operator: Operator; left: Expression; right: Expression };

/** An exact value; the denominator is never 0. Not reduced. */
export interface Fraction {
  numerator: bigint;
  denominator: bigint;
}

/** Texts longer than this are not read. */
const maxLength = 64;

const precedence: Readonly<Record<Operator, number>> = { '+': 1, '-': 1, '*': 2, '/': 2 };

/** An expression as text with only the parentheses that its value needs: `(3+7)*12`, `12-(7-3)`, `3*7+12`. */
export function formatExpression(expression: Expression): string {
  if (typeof expression === 'number') return String(expression);
  const { operator, left, right } = expression;
  const own = precedence[operator];
  const leftText = formatExpression(left);
  const rightText = formatExpression(right);
  const wrapLeft = typeof left !== 'number' && precedence[left.operator] < own;
  // a-(b-c) and a/(b/c) need theirs; a+(b-c) is a+b-c.
  const breaks = operator === '-' || operator === '/' ? own : own - 1;
  const wrapRight = typeof right !== 'number' && precedence[right.operator] <= breaks;
  return `${wrapLeft ? `(${leftText})` : leftText}${operator}${wrapRight ? `(${rightText})` : rightText}`;
}

/**
 * Reads whole numbers (no sign, no leading zero), `+ - * /`, parentheses and blanks between them, with the usual precedence. Undefined
 * when the text is anything else or longer than 64 characters.
 */
export function parseExpression(text: string): Expression | undefined {
  if (text.length > maxLength) return undefined;
  const tokens = text.match(/\d+|[^ ]/g) ?? [];
  let position = 0;

  function readLevel(level: 1 | 2): Expression | undefined {
    let left = level === 1 ? readLevel(2) : readOperand();
    while (left !== undefined) {
      const operator = operators.find((candidate) => candidate === tokens[position]);
      if (operator === undefined || precedence[operator] !== level) return left;
      position++;
      const right = level === 1 ? readLevel(2) : readOperand();
      left = right === undefined ? undefined : { operator, left, right };
    }
    return undefined;
  }

  function readOperand(): Expression | undefined {
    const token = tokens[position++];
    if (token === '(') {
      const inner = readLevel(1);
      return tokens[position++] === ')' ? inner : undefined;
    }
    return token !== undefined && /^(0|[1-9]\d{0,8})$/.test(token) ? Number(token) : undefined;
  }

  const expression = readLevel(1);
  return position === tokens.length ? expression : undefined;
}

/** The exact value; undefined where it divides by zero. */
export function evaluateExpression(expression: Expression): Fraction | undefined {
  if (typeof expression === 'number') return { numerator: BigInt(expression), denominator: 1n };
  const left = evaluateExpression(expression.left);
  const right = evaluateExpression(expression.right);
  if (left === undefined || right === undefined) return undefined;
  const { numerator: a, denominator: b } = left;
  const { numerator: c, denominator: d } = right;
  switch (expression.operator) {
    case '+': return { numerator: a * d + c * b, denominator: b * d };
    case '-': return { numerator: a * d - c * b, denominator: b * d };
    case '*': return { numerator: a * c, denominator: b * d };
    case '/': return c === 0n ? undefined : { numerator: a * d, denominator: b * c };
  }
}

/** Whether an expression has exactly this whole value. */
export function hasValue(expression: Expression, value: number): boolean {
  const fraction = evaluateExpression(expression);
  return fraction !== undefined && fraction.numerator === BigInt(value) * fraction.denominator;
}

/** The numbers in an expression, from left to right. */
export function numbersIn(expression: Expression): number[] {
  return typeof expression === 'number' ? [expression] : [...numbersIn(expression.left), ...numbersIn(expression.right)];
}
