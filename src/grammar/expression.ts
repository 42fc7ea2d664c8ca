/**
 * What a grammar is made of: expressions over bytes, with references for recursion. Regular expressions, numbers, strings and whole JSON
 * schemas are built from these few kinds; machine.ts reads bytes with them.
 */
import type { Automaton } from './automaton.ts';

/** One byte out of a set: `set[byte]` is 1 for its members. */
export interface BytesExpression {
  readonly kind: 'bytes';
  readonly set: Uint8Array;
}

/** Exactly these bytes, at least one. */
export interface LiteralExpression {
  readonly kind: 'literal';
  readonly bytes: Uint8Array;
  /** The same literal without its first byte, once it was asked for. */
  rest?: LiteralExpression;
}

export interface SequenceExpression {
  readonly kind: 'sequence';
  readonly parts: readonly Expression[];
}

export interface ChoiceExpression {
  readonly kind: 'choice';
  readonly options: readonly Expression[];
}

export interface RepeatExpression {
  readonly kind: 'repeat';
  readonly body: Expression;
  readonly minimum: number;
  readonly maximum: number;
}

/** Stands for another expression, which may contain the reference. */
export interface ReferenceExpression {
  readonly kind: 'reference';
  readonly name: string;
  target: Expression;
  /** Bytes of the shortest text; Infinity until `settleReferences` has found it. */
  shortest: number;
}

/** The rest of what an automaton accepts, from one of its states on. */
export interface AutomatonExpression {
  readonly kind: 'automaton';
  readonly automaton: Automaton;
  readonly state: number;
}

/** A part that is read much the same wherever it stands, such as a string: masks of tokens that stay inside it are shared (token-masks.ts). */
export interface ScopeExpression {
  readonly kind: 'scope';
  readonly body: Expression;
  readonly end: ScopeEndExpression;
}

/** Where a scope ends. Reads nothing. */
export interface ScopeEndExpression {
  readonly kind: 'scope-end';
}

/** A token that is no text, such as a model's own marker. */
export interface TokenExpression {
  readonly kind: 'token';
  readonly token: number;
}

export type Expression = (
  | BytesExpression
  | LiteralExpression
  | SequenceExpression
  | ChoiceExpression
  | RepeatExpression
  | ReferenceExpression
  | AutomatonExpression
  | ScopeExpression
  | ScopeEndExpression
  | TokenExpression
) & {
  /** Repetitions of this expression by their limits, so that equal ones are the same object. */
  repeats?: Map<string, RepeatExpression>;
  /** Bytes of the shortest text, once it was asked for. */
  length?: number;
};

const encoder = new TextEncoder();

/** Reads nothing. */
export const EMPTY: Expression = { kind: 'sequence', parts: [] };
/** Accepts nothing at all. */
export const NEVER: Expression = { kind: 'choice', options: [] };

/** One byte from the given ranges, both ends included. */
export function byteRanges(...ranges: readonly (readonly [number, number])[]): Expression {
  const set = new Uint8Array(256);
  for (const [low, high] of ranges) set.fill(1, low, high + 1);
  return { kind: 'bytes', set };
}

/** One byte that is one of these ASCII characters. */
export function oneOf(characters: string): Expression {
  return byteRanges(...[...encoder.encode(characters)].map((byte) => [byte, byte] as const));
}

export function literal(text: string): Expression {
  return text === '' ? EMPTY : { kind: 'literal', bytes: encoder.encode(text) };
}

export function sequence(...parts: readonly (Expression | string)[]): Expression {
  const list = parts.map((part) => (typeof part === 'string' ? literal(part) : part)).filter((part) => part !== EMPTY);
  if (list.includes(NEVER)) return NEVER;
  const [first] = list;
  return list.length === 1 && first ? first : list.length === 0 ? EMPTY : { kind: 'sequence', parts: list };
}

export function choice(...options: readonly (Expression | string)[]): Expression {
  const list = [...new Set(options.map((option) => (typeof option === 'string' ? literal(option) : option)))].filter((option) => option !== NEVER);
  const [first] = list;
  return list.length === 1 && first ? first : list.length === 0 ? NEVER : { kind: 'choice', options: list };
}

export function optional(body: Expression | string): Expression {
  return choice(body, EMPTY);
}

/** `body` from `minimum` to `maximum` times. Equal calls give the same object. */
export function repeat(body: Expression, minimum = 0, maximum = Infinity): Expression {
  if (maximum <= 0 || body === EMPTY) return EMPTY;
  if (body === NEVER) return minimum > 0 ? NEVER : EMPTY;
  const limits = `${minimum},${maximum}`;
  body.repeats ??= new Map();
  const known = body.repeats.get(limits);
  if (known) return known;
  const made: RepeatExpression = { kind: 'repeat', body, minimum, maximum };
  body.repeats.set(limits, made);
  return made;
}

/** What remains to be read of a repetition after one of them. */
export function afterOne({ body, minimum, maximum }: RepeatExpression): Expression {
  return repeat(body, Math.max(0, minimum - 1), maximum - 1);
}

export function scope(body: Expression): Expression {
  return body === NEVER ? NEVER : { kind: 'scope', body, end: { kind: 'scope-end' } };
}

/** A token that is no text, by its id. Only the token itself is accepted, not its spelling. */
export function specialToken(token: number): Expression {
  return { kind: 'token', token };
}

/** A reference whose target is filled in later. */
export function reference(name: string): ReferenceExpression {
  return { kind: 'reference', name, target: NEVER, shortest: Infinity };
}

/** Bytes of the shortest text that an expression accepts; Infinity when there is none. Call it only once all references are settled. */
export function shortestLength(expression: Expression): number {
  expression.length ??= measure(expression, shortestLength);
  return expression.length;
}

/** Finds the shortest text of each reference, all of them together because they may contain each other. */
export function settleReferences(references: readonly ReferenceExpression[]): void {
  for (let changed = true; changed; ) {
    changed = false;
    const known = new Map<Expression, number>();
    const lengthOf = (expression: Expression): number => {
      const length = known.get(expression) ?? measure(expression, lengthOf);
      known.set(expression, length);
      return length;
    };
    for (const each of references) {
      const length = lengthOf(each.target);
      changed ||= length < each.shortest;
      each.shortest = Math.min(each.shortest, length);
    }
  }
}

function measure(expression: Expression, lengthOf: (part: Expression) => number): number {
  switch (expression.kind) {
    case 'bytes':
      return expression.set.includes(1) ? 1 : Infinity;
    case 'literal':
      return expression.bytes.length;
    case 'sequence':
      return expression.parts.reduce((total, part) => total + lengthOf(part), 0);
    case 'choice':
      return expression.options.reduce((least, option) => Math.min(least, lengthOf(option)), Infinity);
    case 'repeat':
      return expression.minimum === 0 ? 0 : expression.minimum * lengthOf(expression.body);
    case 'reference':
      return expression.shortest;
    case 'automaton':
      return expression.automaton.distance(expression.state);
    case 'scope':
      return lengthOf(expression.body);
    case 'scope-end':
      return 0;
    case 'token':
      return 1;
  }
}
