/** Schemas with the place they come from: references, allOf, the keywords that are known, and what is said about types. */
import { R5Error } from '../error.ts';
import { enumeratedValues, sameValue } from './schema-values.ts';

export interface SchemaNode {
  readonly schema: Readonly<Record<string, unknown>>;
  /** A JSON pointer with `#` before it. */
  readonly path: string;
  /** Nothing is valid under it (the schema `false`). */
  readonly never: boolean;
  /** Keywords that are already seen to. */
  readonly without: readonly string[];
  /** The whole document, for references. */
  readonly root: unknown;
}

/** Say nothing about what is valid. */
const ANNOTATIONS = new Set([
  'title', 'description', 'default', 'examples', 'example', 'deprecated', 'readOnly', 'writeOnly', '$schema', '$id', 'id', '$comment', '$defs', 'definitions',
  '$anchor', '$vocabulary', 'contentEncoding', 'contentMediaType', 'contentSchema', 'discriminator', 'externalDocs', 'xml',
]);

/** Keywords by the type that they speak of. */
const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  array: ['items', 'prefixItems', 'additionalItems', 'minItems', 'maxItems', 'uniqueItems'],
  object: ['properties', 'required', 'additionalProperties', 'patternProperties', 'propertyNames', 'minProperties', 'maxProperties', 'unevaluatedProperties'],
};
const GENERAL = ['type', 'nullable', 'enum', 'const', 'anyOf', 'oneOf', 'allOf', '$ref'];
const SUPPORTED = new Set([...GENERAL, ...Object.values(KEYWORDS).flat()]);
const TYPES = ['null', 'boolean', 'string', 'number', 'integer', 'array', 'object'];

/** Throws the error that names the keyword and where it stands. */
export function refuse(node: SchemaNode, keyword: string, reason: string): never {
  throw new R5Error(`JSON Schema, ${keyword === '' ? node.path : `${node.path}/${keyword}`}: ${reason}.`);
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

export function rootNode(schema: unknown): SchemaNode {
  return nodeOf(schema, '#', schema);
}

function nodeOf(schema: unknown, path: string, root: unknown): SchemaNode {
  if (schema === true) return { schema: {}, path, never: false, without: [], root };
  if (schema === false) return { schema: {}, path, never: true, without: [], root };
  if (!isRecord(schema)) throw new R5Error(`JSON Schema, ${path}: a schema is an object, true or false, not ${JSON.stringify(schema)}.`);
  return { schema, path, never: false, without: [], root };
}

const escapePointer = (segment: string): string => segment.replaceAll('~', '~0').replaceAll('/', '~1');

/** The schema under a keyword, or under a name or index of a keyword. */
export function childNode(node: SchemaNode, keyword: string, name?: string | number): SchemaNode {
  const value = node.schema[keyword];
  const path = `${node.path}/${escapePointer(keyword)}`;
  if (name === undefined) return nodeOf(value, path, node.root);
  const inside: unknown = Array.isArray(value) ? value[Number(name)] : isRecord(value) ? value[name] : undefined;
  return nodeOf(inside, `${path}/${escapePointer(String(name))}`, node.root);
}

/** The schemas in a list under a keyword. */
export function childNodes(node: SchemaNode, keyword: string): SchemaNode[] {
  const list = node.schema[keyword];
  if (!Array.isArray(list) || list.length === 0) refuse(node, keyword, 'must be a list of at least one schema');
  return list.map((_, index) => childNode(node, keyword, index));
}

/** A number of this keyword, checked; undefined where the keyword is absent. */
export function numberAt(node: SchemaNode, keyword: string): number | undefined {
  const value = node.schema[keyword];
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) refuse(node, keyword, `must be a number, not ${JSON.stringify(value)}`);
  return value;
}

/** A count of this keyword, checked; undefined where the keyword is absent. */
export function countAt(node: SchemaNode, keyword: string): number | undefined {
  const value = numberAt(node, keyword);
  if (value !== undefined && (!Number.isInteger(value) || value < 0)) refuse(node, keyword, `must be a whole number from 0 on, not ${value}`);
  return value;
}

/** The largest and the smallest count that several schemas give. */
export function countLimits(nodes: readonly SchemaNode[], minimumKeyword: string, maximumKeyword: string): { minimum: number; maximum: number } {
  const minimum = Math.max(0, ...nodes.map((node) => countAt(node, minimumKeyword) ?? 0));
  const maximum = Math.min(...nodes.map((node) => countAt(node, maximumKeyword) ?? Infinity));
  return { minimum, maximum };
}

const settled = ['$ref', 'allOf'];
const keyOf = ({ path, without }: SchemaNode): string => `${path}~${without.filter((keyword) => !settled.includes(keyword)).toSorted().join('~')}`;

/** The same for lists of the same schemas. */
export function nodeKey(nodes: readonly SchemaNode[]): string {
  return [...new Set(nodes.map((node) => `${keyOf(node)}${node.never ? '~never' : ''}`))].toSorted().join('\n');
}

/**
 * The schemas with those that $ref and allOf add to them, each once and each checked for keywords that r5 does not know. null when one of them
 * is `false`.
 */
export function flatten(nodes: readonly SchemaNode[]): SchemaNode[] | null {
  const seen = new Set<string>();
  const result: SchemaNode[] = [];
  const visit = (node: SchemaNode): boolean => {
    if (node.never) return false;
    if (seen.has(keyOf(node))) return true;
    seen.add(keyOf(node));
    checkKeywords(node);
    result.push({ ...node, without: [...new Set([...node.without, ...settled])] });
    if (node.schema['$ref'] !== undefined && !node.without.includes('$ref') && !visit(resolve(node))) return false;
    return node.schema['allOf'] === undefined || node.without.includes('allOf') || childNodes(node, 'allOf').every(visit);
  };
  return nodes.every(visit) ? result : null;
}

function checkKeywords(node: SchemaNode): void {
  for (const keyword of Object.keys(node.schema)) {
    if (keyword === '$id' && node.path !== '#') refuse(node, keyword, '$id below the root changes what $ref means, which r5 does not follow; move the schema into $defs');
    if (SUPPORTED.has(keyword) || ANNOTATIONS.has(keyword) || keyword.startsWith('x-') || node.schema[keyword] === undefined) continue;
    refuse(node, keyword, `${JSON.stringify(keyword)} cannot be enforced while sampling; take it out and check it on the answer, or express it with ${[...SUPPORTED].join(', ')}`);
  }
}

function resolve(node: SchemaNode): SchemaNode {
  const target = node.schema['$ref'];
  if (typeof target !== 'string' || !/^#(?:\/|$)/.test(target)) {
    refuse(node, '$ref', `${JSON.stringify(target)} leads out of the schema; only references like "#/$defs/name" are followed`);
  }
  let value: unknown = node.root;
  for (const segment of target.split('/').slice(1)) {
    const name = decodeURIComponent(segment).replaceAll('~1', '/').replaceAll('~0', '~');
    const inside: unknown = Array.isArray(value) ? value[Number(name)] : isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
    if (inside === undefined) refuse(node, '$ref', `${JSON.stringify(target)} is not in the schema`);
    value = inside;
  }
  return nodeOf(value, target, node.root);
}

/** The types that all of the schemas allow; null when nothing at all is said about the value. */
export function typesOf(flat: readonly SchemaNode[]): Set<string> | null {
  let types: Set<string> | null = null;
  for (const node of flat) {
    const declared = declaredTypes(node);
    if (declared) types = types ? intersectTypes(types, declared) : declared;
  }
  if (types) return types;
  const implied = Object.keys(KEYWORDS).filter((type) => flat.some(({ schema }) => KEYWORDS[type]?.some((keyword) => schema[keyword] !== undefined)));
  return implied.length === 0 ? null : new Set([...implied, ...(flat.some(({ schema }) => schema['nullable'] === true) ? ['null'] : [])]);
}

function declaredTypes(node: SchemaNode): Set<string> | null {
  const declared = node.schema['type'];
  if (declared === undefined) return null;
  const list: unknown[] = Array.isArray(declared) ? declared : [declared];
  const types = new Set<string>();
  for (const type of list) {
    if (typeof type !== 'string' || !TYPES.includes(type)) refuse(node, 'type', `${JSON.stringify(type)} is not one of ${TYPES.join(', ')}`);
    types.add(type);
  }
  if (node.schema['nullable'] === true) types.add('null');
  if (types.has('number')) types.delete('integer');
  return types;
}

function intersectTypes(a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> {
  const both = [...a].filter((type) => b.has(type));
  if ((a.has('integer') && b.has('number')) || (a.has('number') && b.has('integer'))) both.push('integer');
  return new Set(both);
}

/** Throws unless no value of one branch of oneOf can be valid under another one; then oneOf and anyOf mean the same. */
export function checkDisjoint(node: SchemaNode, branches: readonly SchemaNode[]): void {
  const flat = branches.map((branch) => flatten([branch]));
  for (const [j, b] of flat.entries()) {
    for (const [i, a] of flat.slice(0, j).entries()) {
      if (a === null || b === null || (isOutside(a, b) && isOutside(b, a))) continue;
      refuse(node, 'oneOf', `a value might be valid under both branch ${i} and branch ${j}, which cannot be ruled out while sampling; use anyOf, or give each branch a required property with a different const`);
    }
  }
}

/** Whether it is plain that no value that the grammar of `a` writes is valid under `b`. */
function isOutside(a: readonly SchemaNode[], b: readonly SchemaNode[]): boolean {
  const [valuesA, valuesB] = [enumeratedValues(a), enumeratedValues(b)];
  if (valuesA && valuesB) return !valuesA.some((value) => valuesB.some((other) => sameValue(value, other)));
  const [typesA, typesB] = [typesOf(a), typesOf(b)];
  if (!typesA || !typesB) return false;
  if (intersectTypes(typesA, typesB).size === 0) return true;
  if ([...typesA, ...typesB].some((type) => type !== 'object')) return false;
  const requiredA = requiredNames(a);
  const requiredB = requiredNames(b);
  const isDeclared = (nodes: readonly SchemaNode[], name: string): boolean => nodes.some(({ schema }) => isRecord(schema['properties']) && Object.hasOwn(schema['properties'], name));
  const isOpen = (nodes: readonly SchemaNode[]): boolean => nodes.some(({ schema }) => schema['patternProperties'] !== undefined || (schema['additionalProperties'] ?? false) !== false);
  if (requiredB.some((name) => !isDeclared(a, name) && !isOpen(a) && a.some(({ schema }) => schema['properties'] !== undefined))) return true;
  if (requiredA.some((name) => b.some((one) => one.schema['additionalProperties'] === false && one.schema['patternProperties'] === undefined && !isDeclared([one], name)))) return true;
  return requiredA.some((name) => isDeclared(a, name) && isDeclared(b, name) && isOutside(propertyNodes(a, name), propertyNodes(b, name)));
}

export function requiredNames(flat: readonly SchemaNode[]): string[] {
  return [...new Set(flat.flatMap((node) => {
    const names = node.schema['required'] ?? [];
    if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) refuse(node, 'required', 'must be a list of names of properties');
    return names;
  }))];
}

/** What is said about a declared property, flattened; nothing where it may not be. */
function propertyNodes(flat: readonly SchemaNode[], name: string): SchemaNode[] {
  const nodes = flat.filter(({ schema }) => isRecord(schema['properties']) && Object.hasOwn(schema['properties'], name)).map((node) => childNode(node, 'properties', name));
  return flatten(nodes) ?? [];
}
