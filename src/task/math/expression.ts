/**
 * Expressions in plain notation, such as `2 pi r`, `sqrt(2)/2` or `sin^2 x`, as trees. The grammar is closed: names of functions and
 * constants come from a list, every other letter is a variable, and nothing is looked up or run. Depth and size are bounded.
 */
import { Fraction } from 'fraction.js';
import { isOperation, ruleOf, type Operation } from './operations.ts';

export type Expression =
  | { kind: 'number'; value: Fraction }
  | { kind: 'constant'; name: Constant }
  | { kind: 'variable'; name: string }
  | { kind: 'operation'; operation: Operation; inputs: readonly Expression[] };

type Constant = 'pi' | 'e' | 'i';
const isConstant = (name: string): name is Constant => name === 'pi' || name === 'e' || name === 'i';

/** Names of functions as they are written, with the operation that each is. */
const FUNCTIONS = new Map<string, Operation>([
  ...(['sqrt', 'cbrt', 'root', 'abs', 'floor', 'ceil', 'exp', 'ln', 'log', 'lg'] as const).map((name) => [name, name] as const),
  ...(['sin', 'cos', 'tan', 'cot', 'sec', 'csc', 'sinh', 'cosh', 'tanh'] as const).map((name) => [name, name] as const),
  ...(['arcsin', 'arccos', 'arctan'] as const).map((name) => [name, name] as const),
  ['asin', 'arcsin'],
  ['acos', 'arccos'],
  ['atan', 'arctan'],
  ['binom', 'binomial'],
]);
const INVERSES: Readonly<Partial<Record<Operation, Operation>>> = { sin: 'arcsin', cos: 'arccos', tan: 'arctan' };
const NAMES = [...FUNCTIONS.keys(), 'pi'].toSorted((a, b) => b.length - a.length);

const LONGEST = 1000;
const MOST_NODES = 250;
const DEEPEST = 50;
/** More letters than these in a row are prose. */
const MOST_LETTERS = 4;
const LARGEST_EXPONENT = 1000;

type Token = { kind: 'number'; value: Fraction } | { kind: 'name'; text: string } | { kind: 'sign'; text: string };

/** Stops the parser; it never leaves this file. */
class Unreadable extends Error {}

export const numberOf = (value: number | bigint | Fraction): Expression => ({ kind: 'number', value: new Fraction(value) });

export function operate(operation: Operation, ...inputs: readonly Expression[]): Expression {
  return { kind: 'operation', operation, inputs };
}

/** The variables of an expression, in order of the alphabet. */
export function variablesOf(expression: Expression): string[] {
  const names = new Set<string>();
  const walk = (part: Expression): void => {
    if (part.kind === 'variable') names.add(part.name);
    if (part.kind === 'operation') part.inputs.forEach(walk);
  };
  walk(expression);
  return [...names].toSorted();
}

/**
 * The tree of a text, or undefined for what is no expression. Products may go unwritten and bind like `*`, so `1/2x` is half of x; a
 * function without brackets takes the product that follows it.
 */
export function parseExpression(text: string): Expression | undefined {
  if (text.length > LONGEST) return undefined;
  try {
    return new Parser(tokensOf(text)).whole();
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

function tokensOf(text: string): Token[] {
  const pattern = /\s+|(\d+(?:\.\d+)?(?:[eE][+-]?\d+(?![\d.\p{L}]))?|\.\d+)|(\p{L}+)|([-+*/^!()|,_])/uy;
  const tokens: Token[] = [];
  let wordBefore = false;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (!match) throw new Unreadable();
    const [, number, letters, sign] = match;
    if (number !== undefined) tokens.push({ kind: 'number', value: exactNumber(number) });
    if (letters !== undefined) {
      const names = namesIn(letters);
      const isWord = names.filter((name) => !NAMES.includes(name)).length > 1;
      // Two words in a row are prose.
      if (isWord && wordBefore) throw new Unreadable();
      wordBefore = isWord;
      tokens.push(...names.map((name) => ({ kind: 'name', text: name }) as const));
    }
    if (number !== undefined || sign !== undefined) wordBefore = false;
    if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
  }
  return tokens;
}

/** A decimal number as a fraction. */
function exactNumber(text: string): Fraction {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', decimals = ''] = mantissa.split('.');
  const shift = Number(exponent) - decimals.length;
  if (Math.abs(shift) > LARGEST_EXPONENT) throw new Unreadable();
  const digits = BigInt(whole + decimals);
  return shift >= 0 ? new Fraction(digits * 10n ** BigInt(shift), 1n) : new Fraction(digits, 10n ** BigInt(-shift));
}

/** `xsqrt` is x and sqrt, `ab` is a and b. */
function namesIn(letters: string): string[] {
  const names: string[] = [];
  let single = 0;
  for (let i = 0; i < letters.length; ) {
    const name = NAMES.find((known) => letters.startsWith(known, i)) ?? String.fromCodePoint(letters.codePointAt(i) ?? 0);
    if (!NAMES.includes(name) && ++single > MOST_LETTERS) throw new Unreadable();
    names.push(name);
    i += name.length;
  }
  return names;
}

/** Recursive descent. Each method reads what its name says and leaves the position behind it. */
class Parser {
  readonly #tokens: readonly Token[];
  #position = 0;
  #depth = 0;
  #nodes = 0;
  /** Whether a bar closes an absolute value here. */
  #insideBars = false;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Expression {
    const expression = this.#sum();
    if (this.#position < this.#tokens.length) throw new Unreadable();
    return expression;
  }

  #sum(): Expression {
    return this.#deeper(() => {
      let left = this.#product();
      for (;;) {
        if (this.#take('+')) left = this.#make('add', left, this.#product());
        else if (this.#take('-')) left = this.#make('subtract', left, this.#product());
        else return left;
      }
    });
  }

  #product(): Expression {
    let left = this.#signed();
    for (;;) {
      if (this.#take('*')) left = this.#make('multiply', left, this.#signed());
      else if (this.#take('/')) left = this.#make('divide', left, this.#signed());
      else if (this.#startsFactor()) left = this.#make('multiply', left, this.#power());
      else return left;
    }
  }

  /** Whether an unwritten product goes on here. A number goes on with none but a bracket: `1 2` is nothing. */
  #startsFactor(): boolean {
    const token = this.#tokens[this.#position];
    if (token?.kind === 'name') return true;
    if (token?.kind === 'number') return this.#closedBefore();
    return token?.kind === 'sign' && (token.text === '(' || (token.text === '|' && !this.#insideBars));
  }

  #closedBefore(): boolean {
    const before = this.#tokens[this.#position - 1];
    return before?.kind === 'sign' && before.text === ')';
  }

  #signed(): Expression {
    if (this.#take('-')) return this.#deeper(() => this.#make('negate', this.#signed()));
    if (this.#take('+')) return this.#deeper(() => this.#signed());
    return this.#power();
  }

  /** Binds to the right, and closer than a sign: -2^2 is -4. */
  #power(): Expression {
    return this.#deeper(() => {
      const base = this.#factorials();
      return this.#take('^') ? this.#make('power', base, this.#exponent()) : base;
    });
  }

  #exponent(): Expression {
    if (this.#take('-')) return this.#make('negate', this.#power());
    this.#take('+');
    return this.#power();
  }

  #factorials(): Expression {
    let value = this.#atom();
    while (this.#take('!')) value = this.#make('factorial', value);
    return value;
  }

  #atom(): Expression {
    const token = this.#tokens[this.#position++];
    if (token?.kind === 'number') return this.#count({ kind: 'number', value: token.value });
    if (token?.kind === 'name') {
      const operation = FUNCTIONS.get(token.text);
      return operation ? this.#deeper(() => this.#application(operation)) : this.#named(token.text);
    }
    if (token?.text === '(') return this.#closed(')', false);
    if (token?.text === '|') return this.#make('abs', this.#closed('|', true));
    throw new Unreadable();
  }

  #closed(close: string, bars: boolean): Expression {
    const outside = this.#insideBars;
    this.#insideBars = bars;
    const inner = this.#sum();
    this.#insideBars = outside;
    if (!this.#take(close)) throw new Unreadable();
    return inner;
  }

  #named(name: string): Expression {
    if (!this.#take('_')) return this.#count(isConstant(name) ? { kind: 'constant', name } : { kind: 'variable', name });
    const bracketed = this.#take('(');
    const token = this.#tokens[this.#position++];
    if (token === undefined || token.kind === 'sign' || (bracketed && !this.#take(')'))) throw new Unreadable();
    return this.#count({ kind: 'variable', name: `${name}_${token.kind === 'name' ? token.text : token.value.toFraction()}` });
  }

  /** A function behind its name: base of a logarithm, power as in sin^2 x, inputs. */
  #application(operation: Operation): Expression {
    const base = this.#take('_') ? this.#factorials() : undefined;
    if (base && operation !== 'log') throw new Unreadable();
    const power = this.#take('^') ? this.#exponentOfFunction() : undefined;
    const inputs = this.#take('(') ? this.#listed() : [this.#openInput(operation)];
    const isInverse = power?.kind === 'operation' && power.operation === 'negate' && isOne(power.inputs[0]);
    const inverse = isInverse ? INVERSES[operation] : undefined;
    if (isInverse && !inverse) throw new Unreadable();
    const all = base ? [base, ...inputs] : inputs;
    const chosen = base ? 'logarithm' : (inverse ?? operation);
    if (ruleOf(chosen).inputs !== all.length) throw new Unreadable();
    const value = this.#make(chosen, ...all);
    return power && !inverse ? this.#make('power', value, power) : value;
  }

  #exponentOfFunction(): Expression {
    if (this.#take('-')) return this.#make('negate', this.#factorials());
    return this.#factorials();
  }

  #listed(): Expression[] {
    const inputs: Expression[] = [];
    const outside = this.#insideBars;
    this.#insideBars = false;
    do inputs.push(this.#sum());
    while (this.#take(','));
    this.#insideBars = outside;
    if (!this.#take(')')) throw new Unreadable();
    return inputs;
  }

  /** Without brackets: one factor for a root, and the product up to the next sign or function for the others. */
  #openInput(operation: Operation): Expression {
    if (operation === 'sqrt' || operation === 'cbrt') return this.#factorials();
    if (this.#take('-')) return this.#make('negate', this.#openInput(operation));
    let input = this.#power();
    while (this.#startsFactor() && !this.#startsFunction()) input = this.#make('multiply', input, this.#power());
    return input;
  }

  #startsFunction(): boolean {
    const token = this.#tokens[this.#position];
    return token?.kind === 'name' && FUNCTIONS.has(token.text);
  }

  #take(sign: string): boolean {
    const token = this.#tokens[this.#position];
    if (token?.kind !== 'sign' || token.text !== sign) return false;
    this.#position++;
    return true;
  }

  #make(operation: string, ...inputs: readonly Expression[]): Expression {
    if (!isOperation(operation)) throw new Unreadable();
    return this.#count(operate(operation, ...inputs));
  }

  #count(expression: Expression): Expression {
    if (++this.#nodes > MOST_NODES) throw new Unreadable();
    return expression;
  }

  #deeper<Result>(read: () => Result): Result {
    if (++this.#depth > 3 * DEEPEST) throw new Unreadable();
    const result = read();
    this.#depth--;
    return result;
  }
}

const isOne = (expression: Expression | undefined): boolean => expression?.kind === 'number' && expression.value.equals(1);
