/** Values that a schema lists: `enum` and `const`. */
import { type Expression, literal, sequence } from './expression.ts';
import type { JsonText } from './json-text.ts';
import { enclosed } from './json-text.ts';
import { Machine } from './machine.ts';
import { type SchemaNode, isRecord, refuse, typesOf } from './schema-node.ts';
import { numberSchemaExpression } from './schema-number.ts';
import { stringSchemaExpression } from './schema-string.ts';

/** The values that `enum` and `const` leave and that fit what else is said; null where the schemas list none. */
export function enumeratedValues(flat: readonly SchemaNode[]): unknown[] | null {
  let values: unknown[] | null = null;
  for (const node of flat) {
    for (const listed of listedValues(node)) values = values ? values.filter((value) => listed.some((other) => sameValue(value, other))) : listed;
  }
  return values?.filter((value) => fits(value, flat)) ?? null;
}

function listedValues(node: SchemaNode): unknown[][] {
  const list = node.schema['enum'];
  if (list !== undefined && (!Array.isArray(list) || list.length === 0)) refuse(node, 'enum', 'must be a list of at least one value');
  return [...(Array.isArray(list) ? [list] : []), ...(node.schema['const'] === undefined ? [] : [[node.schema['const']]])];
}

function fits(value: unknown, flat: readonly SchemaNode[]): boolean {
  const declared = flat.some(({ schema }) => schema['type'] !== undefined) ? typesOf(flat) : null;
  const type = typeName(value);
  if (declared && !declared.has(type) && !(type === 'integer' && declared.has('number'))) return false;
  const text = new TextEncoder().encode(JSON.stringify(value));
  switch (type) {
    case 'string':
      return new Machine().accepts(stringSchemaExpression(flat), text);
    case 'integer':
    case 'number':
      // A listed number may be written with an exponent, which ranges have not.
      return !flat.some(hasNumberKeyword) || new Machine().accepts(numberSchemaExpression(flat, type === 'integer'), text);
    case 'array':
    case 'object':
      for (const node of flat) {
        const other = ['properties', 'required', 'additionalProperties', 'patternProperties', 'propertyNames', 'minProperties', 'maxProperties', 'items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems'].find((keyword) => node.schema[keyword] !== undefined);
        if (other !== undefined) refuse(node, other, 'cannot be enforced beside enum or const with objects or lists; leave out the values that are not valid and this keyword');
      }
      return true;
    default:
      return true;
  }
}

const hasNumberKeyword = ({ schema }: SchemaNode): boolean =>
  ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'].some((keyword) => schema[keyword] !== undefined);

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

/** Equality as JSON Schema has it: the order of members does not matter. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  if (!isRecord(a)) return a === b;
  const keys = Object.keys(a);
  return isRecord(b) && keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key], b[key]));
}

/** One given value. */
export function literalValue(value: unknown, text: JsonText): Expression {
  if (Array.isArray(value)) return text.array(inOrder(value.map((item) => literalValue(item, text)), text));
  if (!isRecord(value)) return literal(JSON.stringify(value));
  const members = Object.entries(value).map(([key, item]) => text.member(literal(JSON.stringify(key)), literalValue(item, text)));
  return enclosed('{', inOrder(members, text), '}', text.gap);
}

function inOrder(items: readonly Expression[], { gap }: JsonText): Expression {
  return sequence(...items.flatMap((item, index) => (index === 0 ? [item] : [',', gap, item])), ...(items.length > 0 ? [gap] : []));
}
