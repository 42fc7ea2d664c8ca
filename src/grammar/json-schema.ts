/**
 * JSON Schemas as grammars. A place in a document may be under several schemas at once (allOf, $ref with siblings, a property named twice), so
 * what is compiled is always a list of schemas that all hold; equal lists become one reference, which is what makes recursion end.
 *
 * The grammar accepts valid values only, and where the specification leaves room it takes the narrow side: properties in the order in which the
 * schema names them, no properties beside the declared ones unless `additionalProperties` asks for them, and a schema without `type` speaks of the types that its
 * keywords are about.
 */
import { R5Error } from '../error.ts';
import { type Expression, type ReferenceExpression, NEVER, choice, reference, settleReferences, shortestLength } from './expression.ts';
import { JSON_TEXT, type JsonText, type WhiteSpace } from './json-text.ts';
import { arrayExpression } from './schema-array.ts';
import { enumeratedValues, literalValue } from './schema-values.ts';
import { numberSchemaExpression } from './schema-number.ts';
import { objectExpression } from './schema-object.ts';
import { type SchemaNode, checkDisjoint, childNodes, flatten, nodeKey, refuse, rootNode, typesOf } from './schema-node.ts';
import { stringSchemaExpression } from './schema-string.ts';

export type JsonSchema = Readonly<Record<string, unknown>> | boolean;

export interface JsonSchemaOptions {
  /** Default natural. */
  whiteSpace?: WhiteSpace;
}

/** What the compilers of single types need of the whole. */
export interface SchemaCompiler {
  readonly text: JsonText;
  /** Values under which all of these schemas hold; none at all means any value. */
  compile(nodes: readonly SchemaNode[]): Expression;
}

/** Grammars of the schemas asked for last, with what was worked out for them: a server gets the same ones again and again. */
const recent = new Map<string, Expression>();
const MOST_RECENT = 32;
/** Schemas, or lists of schemas that hold at once, in one grammar. */
const MOST_PLACES = 10_000;
/** Schemas within schemas. */
const DEEPEST = 200;

/**
 * A grammar of the compact and of the naturally spaced JSON texts that are valid under `schema`. Throws R5Error that names keyword and path for
 * what cannot be enforced.
 */
export function jsonSchemaGrammar(schema: JsonSchema, { whiteSpace = 'natural' }: JsonSchemaOptions = {}): Expression {
  const key = `${whiteSpace} ${JSON.stringify(schema)}`;
  const grammar = recent.get(key) ?? compileSchema(schema, whiteSpace);
  recent.delete(key);
  recent.set(key, grammar);
  for (const oldest of recent.keys()) {
    if (recent.size <= MOST_RECENT) break;
    recent.delete(oldest);
  }
  return grammar;
}

function compileSchema(schema: JsonSchema, whiteSpace: WhiteSpace): Expression {
  const root = rootNode(schema);
  const references: ReferenceExpression[] = [];
  let depth = 0;
  const known = new Map<string, ReferenceExpression>();
  const compiler: SchemaCompiler = {
    text: JSON_TEXT[whiteSpace],
    compile: (nodes) => {
      const key = nodeKey(nodes);
      const again = known.get(key);
      if (again) return again;
      if (references.length >= MOST_PLACES) refuse(root, '', `it has more than ${MOST_PLACES} different combinations of schemas; there may be several anyOf inside one allOf, which multiply`);
      const made = reference(nodes[0]?.path ?? '#');
      known.set(key, made);
      references.push(made);
      depth++;
      if (depth > DEEPEST && nodes[0]) refuse(nodes[0], '', `it lies more than ${DEEPEST} schemas deep`);
      made.target = compileAll(compiler, nodes);
      depth--;
      return made;
    },
  };
  const grammar = compiler.compile([root]);
  settleReferences(references);
  if (shortestLength(grammar) === Infinity) refuse(root, '', 'no finite value is valid under this schema; give the recursion an end, or take out what contradicts itself');
  return grammar;
}

/** Any JSON object, of any content. */
export function anyJsonObject({ whiteSpace = 'natural' }: JsonSchemaOptions = {}): Expression {
  return JSON_TEXT[whiteSpace].object;
}

function compileAll(compiler: SchemaCompiler, nodes: readonly SchemaNode[]): Expression {
  const flat = flatten(nodes);
  if (flat === null) return NEVER;
  for (const node of flat) {
    for (const keyword of ['anyOf', 'oneOf'] as const) {
      if (node.schema[keyword] === undefined || node.without.includes(keyword)) continue;
      const rest = flat.map((each) => (each === node ? { ...each, without: [...each.without, keyword] } : each));
      const branches = childNodes(node, keyword);
      if (keyword === 'oneOf') checkDisjoint(node, branches);
      return choice(...branches.map((branch) => compiler.compile([...rest, branch])));
    }
  }
  const values = enumeratedValues(flat);
  if (values) return choice(...values.map((value) => literalValue(value, compiler.text)));
  const types = typesOf(flat);
  if (types === null) return compiler.text.value;
  return choice(...[...types].map((type) => compileType(compiler, type, flat)));
}

function compileType(compiler: SchemaCompiler, type: string, flat: readonly SchemaNode[]): Expression {
  switch (type) {
    case 'null':
      return choice('null');
    case 'boolean':
      return choice('true', 'false');
    case 'string':
      return stringSchemaExpression(flat);
    case 'number':
    case 'integer':
      return numberSchemaExpression(flat, type === 'integer');
    case 'array':
      return arrayExpression(compiler, flat);
    case 'object':
      return objectExpression(compiler, flat);
    default:
      throw new R5Error(`${JSON.stringify(type)} is no type of JSON Schema.`);
  }
}
