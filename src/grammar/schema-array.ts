/** Arrays under a schema: items by place, the rest, how many, and different ones where the values are listed. */
import { type Expression, EMPTY, NEVER, choice, repeat, sequence } from './expression.ts';
import type { SchemaCompiler } from './json-schema.ts';
import { type SchemaNode, childNode, childNodes, countLimits, flatten, refuse } from './schema-node.ts';
import { enumeratedValues, literalValue } from './schema-values.ts';

/** Sets of listed values that are kept apart: 2 to the power of this. */
const MOST_DIFFERENT = 10;

/** What one schema says about the items of a list. */
interface ItemRules {
  node: SchemaNode;
  first: readonly SchemaNode[];
  /** What holds for all items behind the first ones; 'none' when there may be none, undefined when nothing is said. */
  rest: SchemaNode | 'none' | undefined;
}

export function arrayExpression(compiler: SchemaCompiler, flat: readonly SchemaNode[]): Expression {
  const rules = flat.map(itemRules);
  const counts = countLimits(flat, 'minItems', 'maxItems');
  const closed = rules.filter(({ rest }) => rest === 'none');
  const maximum = Math.min(counts.maximum, ...closed.map(({ first }) => first.length));
  // A list of places without a word on the rest is a tuple: all of it is written.
  const tuples = rules.filter(({ node, first }) => first.length > 0 && node.schema['minItems'] === undefined && restOf(node) === undefined);
  const minimum = Math.max(counts.minimum, ...tuples.map(({ first }) => Math.min(first.length, maximum)));
  if (minimum > maximum) return NEVER;
  const different = maximum > 1 ? flat.find(({ schema }) => schema['uniqueItems'] === true) : undefined;
  const length = Math.max(0, ...rules.map(({ first }) => first.length));
  if (different) return differentItems(compiler, different, itemsAt(rules, 0), length, minimum, maximum);

  const { gap } = compiler.text;
  const last = compiler.compile(itemsAt(rules, length));
  const from = (index: number): Expression => {
    if (index >= maximum) return index === 0 ? EMPTY : gap;
    const comma = index === 0 ? [] : [',', gap];
    if (index === length) {
      const more = repeat(sequence(',', gap, last), Math.max(0, minimum - index - (index === 0 ? 1 : 0)), maximum - index - (index === 0 ? 1 : 0));
      if (index > 0) return sequence(more, gap);
      const some = sequence(last, more, gap);
      return minimum === 0 ? choice(some, EMPTY) : some;
    }
    const some = sequence(...comma, compiler.compile(itemsAt(rules, index)), from(index + 1));
    return index < minimum ? some : choice(some, index === 0 ? EMPTY : gap);
  };
  return compiler.text.array(from(0));
}

/** Draft 7 and earlier have the list under `items` and the rest under `additionalItems`. */
function itemRules(node: SchemaNode): ItemRules {
  const keyword = Array.isArray(node.schema['items']) ? 'items' : 'prefixItems';
  const list = node.schema[keyword];
  const first = Array.isArray(list) && list.length > 0 ? childNodes(node, keyword) : [];
  const rest = restOf(node);
  return { node, first, rest: rest?.never || (first.length > 0 && rest === undefined) ? 'none' : rest };
}

function restOf(node: SchemaNode): SchemaNode | undefined {
  const keyword = Array.isArray(node.schema['items']) ? 'additionalItems' : 'items';
  return node.schema[keyword] === undefined ? undefined : childNode(node, keyword);
}

function itemsAt(rules: readonly ItemRules[], index: number): SchemaNode[] {
  return rules.flatMap(({ first, rest }) => first[index] ?? (rest === undefined || rest === 'none' ? [] : [rest]));
}

function differentItems(compiler: SchemaCompiler, node: SchemaNode, items: readonly SchemaNode[], places: number, minimum: number, maximum: number): Expression {
  const flat = flatten(items);
  const values = flat && places === 0 ? enumeratedValues(flat) : null;
  if (!values || values.length > MOST_DIFFERENT) {
    return refuse(node, 'uniqueItems', `different items can be enforced while sampling only among ${MOST_DIFFERENT} values of an enum at most; take it out and check it on the answer`);
  }
  const { gap } = compiler.text;
  const known = new Map<number, Expression>();
  /** `used` has a bit for each value that has been written. */
  const from = (used: number, count: number): Expression => {
    const again = known.get(used);
    if (again) return again;
    const more = count >= maximum ? [] : values.flatMap((value, index) =>
      used & (1 << index) ? [] : [sequence(...(count === 0 ? [] : [',', gap]), literalValue(value, compiler.text), from(used | (1 << index), count + 1))],
    );
    const made = choice(...more, ...(count >= minimum ? [count === 0 ? EMPTY : gap] : []));
    known.set(used, made);
    return made;
  };
  return compiler.text.array(from(0, 0));
}
