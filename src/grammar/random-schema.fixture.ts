/** Schemas made at random, and values that are valid under them. */
import { Random } from '../random.ts';

type Schema = Record<string, unknown>;
/** A schema with a maker of valid values, written with the keywords in mind and not with the grammar. */
export interface RandomSchema {
  schema: Schema;
  value: (random: Random) => unknown;
}

const LETTERS = ['a', 'B', '7', ' ', '"', '\\', '\n', 'é', '漢', '😀', '/', '\u2028'];
const text = (random: Random, minimum: number, maximum: number): string => Array.from({ length: random.integer(minimum, maximum) }, () => random.pick(LETTERS)).join('');

export function randomSchema(random: Random, depth = 3): RandomSchema {
  const simple = [constant, enumeration, boolean, integer, number, string, pattern];
  const nested = [object, array, tuple, anyOf, record, allOf];
  return random.pick(depth > 0 ? [...simple, ...nested, ...nested] : simple)(random, depth);
}

function constant(random: Random): RandomSchema {
  const value = random.pick<unknown>([null, 'é"', -3, 1.5, true, { k: [1, { z: '' }] }, []]);
  return { schema: { const: value }, value: () => value };
}

function enumeration(random: Random): RandomSchema {
  const values = random.shuffle<unknown>(['a', 'ab', 'abc', 12, 123, null, false, 'x\ny']).slice(0, random.integer(1, 5));
  return { schema: { enum: values }, value: (draw) => draw.pick(values) };
}

function boolean(random: Random): RandomSchema {
  const nullable = random.uniform() < 0.3;
  return { schema: { type: nullable ? ['boolean', 'null'] : 'boolean' }, value: (draw) => draw.pick(nullable ? [true, false, null] : [true, false]) };
}

function integer(random: Random): RandomSchema {
  const low = random.integer(-300, 300);
  const high = low + random.integer(0, random.pick([0, 5, 1200]));
  const multipleOf = random.pick([1, 1, 3, 10]);
  const first = Math.ceil(low / multipleOf) * multipleOf;
  if (first > high) return integer(random);
  const exclusive = random.uniform() < 0.5;
  return {
    schema: { type: 'integer', ...(exclusive ? { exclusiveMinimum: low - 1, exclusiveMaximum: high + 1 } : { minimum: low, maximum: high }), ...(multipleOf > 1 ? { multipleOf } : {}) },
    value: (draw) => first + multipleOf * draw.integer(0, Math.floor((high - first) / multipleOf)) + 0,
  };
}

function number(random: Random): RandomSchema {
  if (random.uniform() < 0.3) return { schema: { type: 'number' }, value: (draw) => draw.pick([0, 1e21, -2.5e-9, 123.456, 7]) };
  const low = random.integer(-4000, 4000) / 100;
  const high = low + random.integer(1, 3000) / 100;
  return { schema: { type: 'number', minimum: low, maximum: high }, value: (draw) => Math.min(high, Math.max(low, Number((low + (high - low) * draw.uniform()).toFixed(4)))) + 0 };
}

function string(random: Random): RandomSchema {
  const minimum = random.integer(0, 4);
  const maximum = minimum + random.integer(0, 6);
  return {
    schema: { type: 'string', ...(random.uniform() < 0.7 ? { minLength: minimum } : {}), ...(random.uniform() < 0.7 ? { maxLength: maximum } : {}) },
    value: (draw) => text(draw, minimum, maximum),
  };
}

function pattern(random: Random): RandomSchema {
  const [expression, values] = random.pick<[string, string[]]>([
    ['^[a-z]{2,4}$', ['ab', 'zzzz']], ['b+', ['b', 'abba', '"b"', 'é\nb']], ['^(?:x|yy)*$', ['', 'xyyx']], ['^\\d{3}-\\d{4}$', ['555-0123']],
    ['^[^aeiou]*$', ['xyz', '', '漢"\\']], ['^\\p{Lu}', ['Éa', 'Z']], ['end$', ['end', 'the end']], ['^(?!foo)\\w+$', ['fo', 'bar']],
  ]);
  return { schema: { type: 'string', pattern: expression }, value: (draw) => draw.pick(values) };
}

function object(random: Random, depth: number): RandomSchema {
  const names = random.shuffle(['a', 'b', 'b c', 'é"', 'name', 'a1']).slice(0, random.integer(0, 4));
  const properties = names.map((name) => ({ name, required: random.uniform() < 0.5, of: randomSchema(random, depth - 1) }));
  const extra = random.pick(['absent', 'false', 'schema']);
  const additional = extra === 'schema' ? randomSchema(random, 0) : undefined;
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(properties.map(({ name, of }) => [name, of.schema])),
      required: properties.filter(({ required }) => required).map(({ name }) => name),
      ...(extra === 'absent' ? {} : { additionalProperties: additional?.schema ?? false }),
    },
    value: (draw) => {
      const own = properties.filter(({ required }) => required || draw.uniform() < 0.5).map(({ name, of }) => [name, of.value(draw)]);
      return Object.fromEntries([...own, ...(additional && draw.uniform() < 0.5 ? [['more', additional.value(draw)], ['na', additional.value(draw)]] : [])]);
    },
  };
}

function record(random: Random, depth: number): RandomSchema {
  const of = randomSchema(random, depth - 1);
  const maximum = random.integer(1, 3);
  return {
    schema: { type: 'object', additionalProperties: of.schema, ...(random.uniform() < 0.5 ? { minProperties: 1, maxProperties: maximum } : {}) },
    value: (draw) => Object.fromEntries(Array.from({ length: draw.integer(1, maximum) }, (_, index) => [`k${index}`, of.value(draw)])),
  };
}

function array(random: Random, depth: number): RandomSchema {
  const items = randomSchema(random, depth - 1);
  const minimum = random.integer(0, 2);
  const maximum = minimum + random.integer(0, 3);
  return {
    schema: { type: 'array', items: items.schema, ...(random.uniform() < 0.7 ? { minItems: minimum } : {}), ...(random.uniform() < 0.7 ? { maxItems: maximum } : {}) },
    value: (draw) => Array.from({ length: draw.integer(minimum, maximum) }, () => items.value(draw)),
  };
}

function tuple(random: Random, depth: number): RandomSchema {
  const places = Array.from({ length: random.integer(1, 3) }, () => randomSchema(random, depth - 1));
  const rest = random.uniform() < 0.5 ? randomSchema(random, 0) : undefined;
  return {
    schema: { type: 'array', prefixItems: places.map(({ schema }) => schema), minItems: places.length, items: rest?.schema ?? false },
    value: (draw) => [...places.map(({ value }) => value(draw)), ...(rest && draw.uniform() < 0.5 ? [rest.value(draw)] : [])],
  };
}

function anyOf(random: Random, depth: number): RandomSchema {
  const branches = Array.from({ length: random.integer(1, 3) }, () => randomSchema(random, depth - 1));
  return { schema: { anyOf: branches.map(({ schema }) => schema) }, value: (draw) => draw.pick(branches).value(draw) };
}

function allOf(random: Random): RandomSchema {
  const low = random.integer(0, 50);
  return {
    schema: { allOf: [{ type: 'object', properties: { n: { minimum: low } }, required: ['n'] }, { properties: { n: { type: 'integer', maximum: low + 20 }, m: { type: 'null' } } }] },
    value: (draw) => ({ n: draw.integer(low, low + 20), ...(draw.uniform() < 0.5 ? { m: null } : {}) }),
  };
}
