/** Strings under a schema: length, patterns, formats. */
import { R5Error } from '../error.ts';
import { Automaton, AutomatonTooLarge } from './automaton.ts';
import { ANY_CHARACTER, CANONICAL_CHARACTER } from './characters.ts';
import { type Expression, NEVER, repeat } from './expression.ts';
import { ANY_STRING, jsonString } from './json-text.ts';
import { patternExpression } from './regular-expression.ts';
import { type SchemaNode, countLimits, refuse } from './schema-node.ts';
import { STRING_FORMATS } from './string-formats.ts';

interface Condition {
  node: SchemaNode;
  keyword: string;
  /** The insides of the strings. */
  expression: Expression;
}

/** Where one condition alone holds, the string is read with its expression; several are joined in one automaton. */
export function stringSchemaExpression(flat: readonly SchemaNode[]): Expression {
  const inside = insideOf(flat, ANY_CHARACTER);
  return inside === ANY_INSIDE ? ANY_STRING : jsonString(inside);
}

/** What stands between the quotes, with each text in its one canonical spelling. */
export function canonicalInside(flat: readonly SchemaNode[]): Expression {
  return insideOf(flat, CANONICAL_CHARACTER);
}

const ANY_INSIDE = repeat(ANY_CHARACTER);

function insideOf(flat: readonly SchemaNode[], character: Expression): Expression {
  const { minimum, maximum } = countLimits(flat, 'minLength', 'maxLength');
  if (minimum > maximum) return NEVER;
  const conditions = flat.flatMap(conditionsOf);
  const limited = minimum > 0 || maximum < Infinity;
  const [only] = conditions;
  if (!only) return repeat(character, minimum, maximum);
  if (conditions.length === 1 && !limited) return only.expression;
  return joined(conditions, limited ? [repeat(CANONICAL_CHARACTER, minimum, maximum)] : []).expression;
}

function joined(conditions: readonly Condition[], others: readonly Expression[]): Automaton {
  const [first, ...rest] = [...conditions.map(({ expression }) => expression), ...others];
  try {
    return rest.reduce((automaton, expression) => automaton.and(Automaton.of(expression)), Automaton.of(first ?? repeat(CANONICAL_CHARACTER)));
  } catch (error) {
    const [condition] = conditions;
    if (!(error instanceof AutomatonTooLarge || error instanceof R5Error) || !condition) throw error;
    return refuse(condition.node, condition.keyword, 'together with the other conditions on this string it is too large to be enforced while sampling; leave out one of them (a large minLength or maxLength, for example)');
  }
}

function conditionsOf(node: SchemaNode): Condition[] {
  const { pattern, format } = node.schema;
  const conditions: Condition[] = [];
  if (pattern !== undefined) conditions.push({ node, keyword: 'pattern', expression: stringPattern(node, 'pattern', pattern) });
  if (format !== undefined) {
    const known = typeof format === 'string' && Object.hasOwn(STRING_FORMATS, format) ? STRING_FORMATS[format] : undefined;
    if (known !== undefined) conditions.push({ node, keyword: 'format', expression: stringPattern(node, 'format', known) });
    // Beside a pattern a format that JSON Schema does not know is a name for what the pattern says (zod writes both).
    else if (pattern === undefined) refuse(node, 'format', `${JSON.stringify(format)} cannot be enforced while sampling; r5 enforces ${Object.keys(STRING_FORMATS).join(', ')}. Use pattern instead, or take it out`);
  }
  return conditions;
}

/** The insides of strings that match; errors name the keyword. */
export function stringPattern(node: SchemaNode, keyword: string, pattern: unknown): Expression {
  if (typeof pattern !== 'string') return refuse(node, keyword, `must be a text, not ${JSON.stringify(pattern)}`);
  try {
    return patternExpression(pattern);
  } catch (error) {
    if (error instanceof AutomatonTooLarge) return refuse(node, keyword, 'is too large to be enforced while sampling');
    if (error instanceof R5Error) return refuse(node, keyword, error.message.replace(/\.$/, ''));
    throw error;
  }
}
