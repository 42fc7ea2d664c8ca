/**
 * Expressions and when two of them are equal. mathjs parses and computes; what it may compute is limited to arithmetic and elementary
 * functions, so that an answer can neither run code nor take long. Two expressions are equal when they agree, to ten digits, at several
 * fixed points in place of their variables; without variables that is one comparison of numbers.
 */
import { isConstantNode, isFunctionNode, isOperatorNode, isParenthesisNode, isSymbolNode, parse, type MathNode } from 'mathjs';
import { z } from 'zod';


/** Longest text, and most nodes of an expression. */
const LONGEST = 300;
const MOST_NODES = 120;
const RELATIVE_ERROR = 1e-9;

const FUNCTIONS = new Set([
  'sqrt', 'cbrt', 'nthRoot', 'abs', 'exp', 'ln', 'log', 'sin', 'cos', 'tan', 'cot', 'sec', 'csc', 'arcsin', 'arccos', 'arctan', 'asin', 'acos', 'atan',
]);
const OPERATORS = new Set(['add', 'subtract', 'multiply', 'divide', 'pow', 'unaryMinus', 'unaryPlus', 'factorial']);
const CONSTANTS = new Set(['pi', 'e', 'i', 'Infinity']);
/** Values that stand in for the variables, one list a point. Nothing simple relates them. */
const POINTS: readonly (readonly number[])[] = [
  [0.7391, 1.6129, 2.2837, 0.3571, 1.9173],
  [1.3247, 0.5813, 0.9421, 2.7719, 0.2237],
  [2.4142, 2.1931, 1.1127, 1.4871, 0.6613],
  [-0.6181, 0.8617, -1.7329, 0.4423, -2.1391],
];

export interface Expression {
  node: MathNode;
  variables: readonly string[];
}

/** Undefined for what is no expression, or one that is too long or uses what is not allowed. */
export function parseExpression(text: string): Expression | undefined {
  if (text === '' || text.length > LONGEST || /[=;:"'`[\]{}@#&|<>?]|\.\.|\bto\b|\bin\b|\bmod\b/.test(text)) return undefined;
  let node: MathNode;
  try {
    node = parse(text.replace(/\barcsin\b/g, 'asin').replace(/\barccos\b/g, 'acos').replace(/\barctan\b/g, 'atan').replace(/\bln\b/g, 'log'));
  } catch {
    // What mathjs cannot parse is no expression.
    return undefined;
  }
  const variables = new Set<string>();
  let nodes = 0;
  let allowed = true;
  node.traverse((part, path) => {
    nodes++;
    if (path === 'fn') return;
    if (isSymbolNode(part)) {
      if (/^[a-zA-Z]$|^v$/.test(part.name) && !CONSTANTS.has(part.name)) variables.add(part.name);
      else if (!CONSTANTS.has(part.name)) allowed = false;
    } else if (isFunctionNode(part)) {
      allowed &&= FUNCTIONS.has(part.fn.toString());
    } else if (isOperatorNode(part)) {
      allowed &&= OPERATORS.has(part.fn);
    } else if (!isConstantNode(part) && !isParenthesisNode(part)) {
      allowed = false;
    }
  });
  if (!allowed || nodes > MOST_NODES || variables.size > 5) return undefined;
  return { node, variables: [...variables].sort() };
}

const complexSchema = z.object({ re: z.number(), im: z.number() });

/** Real and imaginary part, or undefined where there is no finite value. */
function valueAt({ node }: Expression, names: readonly string[], point: readonly number[]): [number, number] | undefined {
  const scope = new Map<string, number>(names.map((name, i) => [name, point[i] ?? 0]));
  let value: unknown;
  try {
    value = node.evaluate(scope);
  } catch {
    // A factorial of a fraction, for instance: it has no value.
    return undefined;
  }
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : [value, 0];
  const complex = complexSchema.safeParse(value);
  return complex.success && Number.isFinite(complex.data.re) && Number.isFinite(complex.data.im) ? [complex.data.re, complex.data.im] : undefined;
}

const near = (a: number, b: number): boolean =>
  a === b || (Number.isFinite(a) && Number.isFinite(b) && Math.abs(a - b) <= RELATIVE_ERROR * Math.max(1e-3, Math.abs(a), Math.abs(b)));

/** `factor` scales the right one, for percent. */
export function expressionsEqual(left: Expression, right: Expression, factor = 1): boolean {
  const names = [...new Set([...left.variables, ...right.variables])].sort();
  // x - x is 0, but an answer with a letter of its own is not the number that was asked for.
  if (names.join() !== right.variables.join() || names.join() !== left.variables.join()) return false;
  let compared = 0;
  for (const point of names.length === 0 ? POINTS.slice(0, 1) : POINTS) {
    const [a, b] = [valueAt(left, names, point), valueAt(right, names, point)];
    if (!a || !b) {
      if ((a === undefined) !== (b === undefined)) return false;
      continue;
    }
    if (!near(a[0], b[0] * factor) || !near(a[1], b[1] * factor)) return false;
    compared++;
  }
  return compared > 0;
}
