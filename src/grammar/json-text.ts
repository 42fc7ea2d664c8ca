/** The parts of JSON that every schema is built from: white space, strings, arrays and objects of any content. */
import { ANY_CHARACTER } from './characters.ts';
import { type Expression, EMPTY, choice, literal, optional, reference, repeat, scope, sequence, settleReferences } from './expression.ts';
import { numberExpression } from './numbers.ts';

/**
 * Where white space may stand, and how much. `natural` allows what models write: one space, or a line break with indentation, beside brackets
 * and after commas; one space after a colon. It is bounded so that a weak model cannot fill its answer with it. `none`: no white space at all.
 */
export type WhiteSpace = 'natural' | 'none';

/** Deepest indentation, in spaces. */
const DEEPEST_INDENTATION = 24;
const NATURAL_GAP = optional(choice(' ', sequence('\n', repeat(literal(' '), 0, DEEPEST_INDENTATION))));

export interface JsonText {
  /** Between brackets, commas and values. */
  gap: Expression;
  /** Any JSON value. */
  value: Expression;
  /** Any JSON object. */
  object: Expression;
  array: (items: Expression) => Expression;
  /** A key with its value. */
  member: (key: Expression, value: Expression) => Expression;
}

/** A string from its inside. */
export function jsonString(inside: Expression): Expression {
  return scope(sequence('"', inside, '"'));
}

export const ANY_STRING = jsonString(repeat(ANY_CHARACTER));
const NUMBER = scope(numberExpression({ integer: false, multiples: [] }));

/** Made once, so that all grammars share the masks of what they have in common. */
export const JSON_TEXT: Readonly<Record<WhiteSpace, JsonText>> = { natural: jsonText('natural'), none: jsonText('none') };

function jsonText(whiteSpace: WhiteSpace): JsonText {
  const gap = whiteSpace === 'none' ? EMPTY : NATURAL_GAP;
  const colon = sequence(':', whiteSpace === 'none' ? EMPTY : optional(' '));
  const member = (key: Expression, value: Expression): Expression => sequence(key, colon, value);
  const anyObject = reference('any object');
  const anyArray = reference('any array');
  const value = choice(ANY_STRING, NUMBER, 'true', 'false', 'null', anyObject, anyArray);
  anyObject.target = enclosed('{', listOf(member(ANY_STRING, value), gap), '}', gap);
  anyArray.target = enclosed('[', listOf(value, gap), ']', gap);
  settleReferences([anyObject, anyArray]);
  return { gap, value, object: anyObject, array: (items) => enclosed('[', items, ']', gap), member };
}

/** Brackets around what may be nothing. `items` are members or values with their commas, without white space around them. */
export function enclosed(open: string, items: Expression, close: string, gap: Expression): Expression {
  return sequence(open, gap, items, close);
}

/** Items with commas between, from `minimum` to `maximum`; after the last one white space may stand. */
export function listOf(item: Expression, gap: Expression, minimum = 0, maximum = Infinity): Expression {
  if (maximum <= 0) return EMPTY;
  const more = repeat(sequence(',', gap, item), Math.max(0, minimum - 1), maximum - 1);
  const some = sequence(item, more, gap);
  return minimum === 0 ? optional(some) : some;
}
