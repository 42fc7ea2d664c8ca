/** Objects under a schema: declared properties in their order, then those by pattern and additional ones. */
import { Automaton, AutomatonTooLarge } from './automaton.ts';
import { CANONICAL_CHARACTER } from './characters.ts';
import { type Expression, EMPTY, NEVER, choice, literal, repeat, sequence } from './expression.ts';
import type { SchemaCompiler } from './json-schema.ts';
import { ANY_STRING, enclosed, jsonString } from './json-text.ts';
import { type SchemaNode, childNode, countLimits, isRecord, refuse, requiredNames } from './schema-node.ts';
import { canonicalInside, stringPattern } from './schema-string.ts';

/** Declared properties of one object. */
const MOST_PROPERTIES = 500;

interface Property {
  name: string;
  required: boolean;
  value: Expression;
}

export function objectExpression(compiler: SchemaCompiler, flat: readonly SchemaNode[]): Expression {
  flat.forEach(checkShape);
  const required = requiredNames(flat);
  const declared = [...new Set([...flat.flatMap((node) => namesOf(node, 'properties')), ...required])];
  const [node] = flat;
  if (declared.length > MOST_PROPERTIES && node) refuse(node, 'properties', `has ${declared.length} properties; up to ${MOST_PROPERTIES} of one object can be enforced while sampling`);
  const restricted = flat.filter(({ schema }) => schema['propertyNames'] !== undefined).map(allowedKeys);
  const isAllowedName = (name: string): boolean => restricted.every((keys) => keys.matches(JSON.stringify(name).slice(1, -1)));
  const properties = declared.map((name): Property => {
    const nodes = isAllowedName(name) ? nodesFor(flat, name) : null;
    return { name, required: required.includes(name), value: nodes === null ? NEVER : compiler.compile(nodes) };
  });
  const counts = countLimits(flat, 'minProperties', 'maxProperties');
  const extra = extraMember(compiler, flat, declared);
  const tooMany = flat.find((each) => Number(each.schema['minProperties']) > declared.length + 1);
  // Two additional properties may turn out to have the same name, so only one of them counts.
  if (tooMany && extra !== NEVER) refuse(tooMany, 'minProperties', `more than one additional property cannot be enforced while sampling; declare the properties, or lower it to ${declared.length + 1}`);
  return enclosed('{', members(compiler, properties, extra, counts), '}', compiler.text.gap);
}

function checkShape(node: SchemaNode): void {
  for (const keyword of ['properties', 'patternProperties']) {
    if (node.schema[keyword] !== undefined && !isRecord(node.schema[keyword])) refuse(node, keyword, 'must be an object whose values are schemas');
  }
  if (isRecord(node.schema['unevaluatedProperties'])) refuse(node, 'unevaluatedProperties', 'a schema here cannot be enforced while sampling; use additionalProperties');
}

const namesOf = (node: SchemaNode, keyword: string): string[] => Object.keys(node.schema[keyword] ?? {});

/** Members in order with their commas, from the first property on. */
function members({ text }: SchemaCompiler, properties: readonly Property[], extra: Expression, { minimum, maximum }: { minimum: number; maximum: number }): Expression {
  const counted = minimum > 0 || maximum < Infinity;
  const known = new Map<string, Expression>();
  const build = (index: number, count: number): Expression => {
    const property = properties[index];
    if (property === undefined) return theRest(count);
    const comma = count === 0 ? [] : [',', text.gap];
    const skipped = property.required ? NEVER : from(index + 1, count);
    if (counted && count >= maximum) return skipped;
    const written = sequence(...comma, text.member(literal(JSON.stringify(property.name)), property.value), from(index + 1, counted ? count + 1 : 1));
    return choice(written, skipped);
  };
  const theRest = (count: number): Expression => {
    const least = Math.max(0, minimum - count);
    const end = count === 0 ? EMPTY : text.gap;
    if (least > 1 || (least === 1 && extra === NEVER)) return NEVER;
    if (extra === NEVER || count >= maximum) return end;
    const more = repeat(sequence(',', text.gap, extra), count === 0 ? 0 : least, maximum - Math.max(count, 1));
    if (count > 0) return sequence(more, text.gap);
    return choice(sequence(extra, more, text.gap), least === 0 ? EMPTY : NEVER);
  };
  const from = (index: number, count: number): Expression => {
    const key = `${index},${count}`;
    const made = known.get(key) ?? build(index, count);
    known.set(key, made);
    return made;
  };
  return from(0, 0);
}

/** What is said about a property of this name; null when it may not be there. */
function nodesFor(flat: readonly SchemaNode[], name: string): SchemaNode[] | null {
  const inside = JSON.stringify(name).slice(1, -1);
  const result: SchemaNode[] = [];
  for (const node of flat) {
    const own = namesOf(node, 'properties').includes(name) ? [childNode(node, 'properties', name)] : [];
    const matching = namesOf(node, 'patternProperties').filter((pattern) => Automaton.of(keyPattern(node, pattern)).matches(inside)).map((pattern) => childNode(node, 'patternProperties', pattern));
    if (own.length + matching.length > 0) result.push(...own, ...matching);
    else if (node.schema['additionalProperties'] === false) return null;
    else if (node.schema['additionalProperties'] !== undefined) result.push(childNode(node, 'additionalProperties'));
  }
  return result;
}

/** Keys that the same schemas speak of. */
interface KeyClass {
  keys: Automaton;
  values: readonly SchemaNode[];
  /** Schemas one of whose patterns the keys match. */
  matched: readonly SchemaNode[];
}

/** A member that is not declared; NEVER where there may be none. */
function extraMember(compiler: SchemaCompiler, flat: readonly SchemaNode[], declared: readonly string[]): Expression {
  const patterned = flat.filter((node) => namesOf(node, 'patternProperties').length > 0);
  const open = isOpen(flat);
  if (!open && patterned.length === 0) return NEVER;
  const additional = flat.filter(({ schema }) => schema['additionalProperties'] !== undefined);
  const names = flat.filter(({ schema }) => schema['propertyNames'] !== undefined);
  if (patterned.length + names.length + declared.length === 0) {
    return compiler.text.member(ANY_STRING, compiler.compile(additional.map((node) => childNode(node, 'additionalProperties'))));
  }
  try {
    return choice(...keyClasses(flat, declared).map(({ keys, values, matched }) => {
      const rest = additional.filter((node) => !matched.includes(node)).map((node) => childNode(node, 'additionalProperties'));
      if (keys.isEmpty || (matched.length === 0 && !open) || rest.some(({ never }) => never)) return NEVER;
      return compiler.text.member(jsonString(keys.expression), compiler.compile([...values, ...rest]));
    }));
  } catch (error) {
    const [node] = [...patterned, ...names];
    if (!(error instanceof AutomatonTooLarge) || !node) throw error;
    return refuse(node, patterned.length > 0 ? 'patternProperties' : 'propertyNames', 'is too large to be enforced while sampling');
  }
}

/** Additional properties are for those who ask: `additionalProperties`, or an object of which nothing is declared. */
function isOpen(flat: readonly SchemaNode[]): boolean {
  if (flat.some(({ schema }) => schema['additionalProperties'] === false)) return false;
  if (flat.some(({ schema }) => schema['additionalProperties'] !== undefined || schema['unevaluatedProperties'] === true)) return true;
  return flat.every(({ schema }) => schema['properties'] === undefined && schema['patternProperties'] === undefined && schema['unevaluatedProperties'] !== false);
}

function keyClasses(flat: readonly SchemaNode[], declared: readonly string[]): KeyClass[] {
  let keys = Automaton.of(repeat(CANONICAL_CHARACTER));
  for (const node of flat) {
    if (node.schema['propertyNames'] !== undefined) keys = keys.and(allowedKeys(node));
  }
  if (declared.length > 0) keys = keys.without(Automaton.of(choice(...declared.map(keyInside))));
  let classes: KeyClass[] = [{ keys, values: [], matched: [] }];
  for (const node of flat) {
    for (const pattern of namesOf(node, 'patternProperties')) {
      const matching = Automaton.of(keyPattern(node, pattern));
      const value = childNode(node, 'patternProperties', pattern);
      classes = classes.flatMap((each) => [
        { keys: each.keys.and(matching), values: [...each.values, value], matched: [...each.matched, node] },
        { ...each, keys: each.keys.without(matching) },
      ]).filter((each) => !each.keys.isEmpty);
    }
  }
  return classes;
}

/** By the automaton and not by RegExp, which can take for ever. */
function keyPattern(node: SchemaNode, pattern: string): Expression {
  return stringPattern(node, 'patternProperties', pattern);
}

const keyInside = (name: string): Expression => literal(JSON.stringify(name).slice(1, -1));

function allowedKeys(node: SchemaNode): Automaton {
  const names = childNode(node, 'propertyNames');
  if (names.never) return Automaton.of(NEVER);
  const list = names.schema['enum'];
  if (Array.isArray(list)) return Automaton.of(choice(...list.filter((name) => typeof name === 'string').map(keyInside)));
  for (const keyword of Object.keys(names.schema)) {
    if (!['type', 'pattern', 'minLength', 'maxLength', 'format'].includes(keyword)) refuse(names, keyword, 'under propertyNames only enum, pattern, minLength, maxLength and format can be enforced while sampling');
  }
  return Automaton.of(canonicalInside([names]));
}
