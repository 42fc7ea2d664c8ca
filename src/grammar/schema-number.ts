/** Numbers under a schema: ranges, multiples and OpenAPI's formats of numbers. */
import { AutomatonTooLarge } from './automaton.ts';
import { type Expression, scope } from './expression.ts';
import { numberExpression } from './numbers.ts';
import { type SchemaNode, numberAt, refuse } from './schema-node.ts';

/** Whole numbers of these sizes; those of 64 bits are cut to what JSON.parse keeps exactly. */
const FORMATS: Readonly<Record<string, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint64: [0, Number.MAX_SAFE_INTEGER],
};

export function numberSchemaExpression(flat: readonly SchemaNode[], integer: boolean): Expression {
  const limits = { integer, minimum: -Infinity, maximum: Infinity, exclusiveMinimum: -Infinity, exclusiveMaximum: Infinity, multiples: [] as number[] };
  for (const node of flat) {
    const multiple = numberAt(node, 'multipleOf');
    if (multiple !== undefined && multiple <= 0) refuse(node, 'multipleOf', `must be above 0, not ${multiple}`);
    if (multiple !== undefined) limits.multiples.push(multiple);
    const size = FORMATS[String(node.schema['format'])];
    if (size) limits.integer = true;
    limits.minimum = Math.max(limits.minimum, numberAt(node, 'minimum') ?? -Infinity, size?.[0] ?? -Infinity);
    limits.maximum = Math.min(limits.maximum, numberAt(node, 'maximum') ?? Infinity, size?.[1] ?? Infinity);
    limits.exclusiveMinimum = Math.max(limits.exclusiveMinimum, numberAt(node, 'exclusiveMinimum') ?? -Infinity);
    limits.exclusiveMaximum = Math.min(limits.exclusiveMaximum, numberAt(node, 'exclusiveMaximum') ?? Infinity);
  }
  try {
    return scope(numberExpression(limits));
  } catch (error) {
    const node = flat.find(({ schema }) => schema['multipleOf'] !== undefined);
    if (!(error instanceof AutomatonTooLarge) || !node) throw error;
    return refuse(node, 'multipleOf', `${JSON.stringify(node.schema['multipleOf'])} has too many digits to be enforced while sampling; check it on the answer`);
  }
}
