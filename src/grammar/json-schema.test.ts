import { existsSync } from 'node:fs';
import { isIPv4, isIPv6 } from 'node:net';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadTokenizer, type Tokenizer } from '../model/tokenizer.ts';
import { Random } from '../random.ts';
import { drawAnswer, tastes, tinyTokenizer } from './drawer.fixture.ts';
import { shortestLength } from './expression.ts';
import { type JsonSchema, anyJsonObject, jsonSchemaGrammar } from './json-schema.ts';
import { Machine } from './machine.ts';
import { randomSchema } from './random-schema.fixture.ts';

let tiny: Tokenizer;
beforeAll(async () => {
  tiny = await tinyTokenizer();
});

const ajv = new Ajv2020({ strict: false, multipleOfPrecision: 9 });
ajv.addFormat('date', (text) => new Date(`${text}T00:00:00Z`).toISOString().startsWith(text));
ajv.addFormat('time', (text) => !Number.isNaN(Date.parse(`2024-02-29T${text}`)));
ajv.addFormat('date-time', (text) => !Number.isNaN(Date.parse(text)) && text.length > 19);
ajv.addFormat('uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu);
ajv.addFormat('email', (text) => z.string().regex(/^[^@\s]+@[^@\s]+\.[^@\s]+$/).safeParse(text).success);
ajv.addFormat('ipv4', isIPv4);
ajv.addFormat('ipv6', isIPv6);
ajv.addFormat('hostname', (text) => text.length <= 253 && /^[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*$/iu.test(text));
ajv.addFormat('uri', /^[a-z][a-z0-9+.-]*:\S+$/iu);
ajv.addFormat('duration', /^P(?!$)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?$/u);
ajv.addFormat('json-pointer', /^(\/([^~/]|~0|~1)*)*$/u);

const encoder = new TextEncoder();
const accepts = (schema: JsonSchema, value: unknown): boolean => new Machine().accepts(jsonSchemaGrammar(schema), encoder.encode(JSON.stringify(value)));
const acceptsText = (schema: JsonSchema, text: string): boolean => new Machine().accepts(jsonSchemaGrammar(schema), encoder.encode(text));

const tree = { $ref: '#/$defs/node', $defs: { node: { type: 'object', properties: { value: { type: 'integer' }, children: { type: 'array', items: { $ref: '#/$defs/node' } } }, required: ['value', 'children'] } } };
const list = { type: 'object', properties: { head: { type: 'string' }, next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } }, required: ['head', 'next'], additionalProperties: false };

const schemas: Record<string, JsonSchema> = {
  'any value': true,
  'any object': { type: 'object' },
  'an object': { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 0, maximum: 130 }, tags: { type: 'array', items: { type: 'string', maxLength: 5 } } }, required: ['name', 'age'] },
  'only optional properties': { type: 'object', properties: { a: { type: 'null' }, b: { type: 'boolean' }, c: { type: 'integer' } } },
  'additional properties beside declared ones': { type: 'object', properties: { 'é"': { type: 'integer' }, ab: { type: 'integer' } }, additionalProperties: { type: 'boolean' } },
  'properties by pattern': { type: 'object', properties: { n_0: { type: 'integer' } }, patternProperties: { '^n_': { type: 'integer' }, '_s$': { minimum: 5 } }, additionalProperties: false },
  'names of properties': { type: 'object', propertyNames: { pattern: '^[a-c]{1,3}$' }, additionalProperties: { type: 'integer' }, minProperties: 1, maxProperties: 3 },
  'a tree': tree,
  'a list of references to the root': list,
  'a tuple': { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: { type: 'boolean' }, minItems: 2, maxItems: 4 },
  'different items': { type: 'array', items: { enum: ['a', 'b', { c: 1 }] }, uniqueItems: true, minItems: 1 },
  'a string with a length': { type: 'string', minLength: 2, maxLength: 6 },
  'a string with pattern and length': { type: 'string', pattern: '^(?:ab|c)+', minLength: 3, maxLength: 7 },
  'an unanchored pattern': { type: 'string', pattern: 'x\\dy|^z$' },
  'two patterns': { type: 'string', allOf: [{ pattern: 'a' }, { pattern: '^[a-f"]{3,5}$' }] },
  'a whole number in a range': { type: 'integer', minimum: -17, maximum: 1234 },
  'a whole number on one side': { type: 'integer', exclusiveMinimum: 99 },
  'a multiple': { type: 'integer', multipleOf: 12, minimum: -50, maximum: 5000 },
  'hundredths': { type: 'number', multipleOf: 0.01, minimum: -1.5, maximum: 100 },
  'above 0 and below 1': { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 },
  'negative numbers': { type: 'number', maximum: -0.5 },
  'a number anywhere': { type: 'number' },
  'constants': { enum: ['a', 'ab', 'é\n"', 1, 1.5, null, true, { a: [1, 'b'] }] },
  'anyOf beside keywords': { type: 'object', properties: { kind: { type: 'string' } }, required: ['kind'], anyOf: [{ properties: { kind: { const: 'a' }, x: { type: 'integer' } }, required: ['x'] }, { properties: { kind: { const: 'b' } } }] },
  'oneOf with a discriminator': { oneOf: [{ type: 'object', properties: { t: { const: 'a' }, v: { type: 'integer' } }, required: ['t'] }, { type: 'object', properties: { t: { enum: ['b', 'c'] } }, required: ['t'] }, { type: 'null' }] },
  'allOf': { allOf: [{ $ref: '#/$defs/base' }, { type: 'object', properties: { more: { type: 'integer' } }, required: ['more'] }], $defs: { base: { type: 'object', properties: { id: { type: 'string', format: 'uuid' } }, required: ['id'] } } },
  'several types': { type: ['string', 'integer', 'null'], maxLength: 3, maximum: 9 },
  ...Object.fromEntries(['date', 'time', 'date-time', 'duration', 'uuid', 'email', 'hostname', 'ipv4', 'ipv6', 'uri', 'json-pointer'].map((format) => [`the format ${format}`, { type: 'string', format }])),
};

describe('answers drawn under a schema', () => {
  it.each(Object.entries(schemas))('are valid: %s', (_, schema) => {
    const grammar = jsonSchemaGrammar(schema);
    const validate = ajv.compile(schema);
    for (const [index, taste] of Object.keys(tastes).entries()) {
      for (let seed = 0; seed < 3; seed++) {
        const answer = drawAnswer(grammar, tiny, { taste, maxTokens: 60 + 20 * seed, seed: 100 * index + seed });
        expect(validate(JSON.parse(answer)), answer).toBe(true);
      }
    }
  });

  it('are objects for any JSON object', () => {
    const grammar = anyJsonObject();
    for (const taste of Object.keys(tastes)) expect(Object.prototype.toString.call(JSON.parse(drawAnswer(grammar, tiny, { taste, maxTokens: 100, seed: 1 })))).toBe('[object Object]');
  });

  it('have no white space where none is asked for', () => {
    const grammar = jsonSchemaGrammar(tree, { whiteSpace: 'none' });
    for (const taste of Object.keys(tastes)) expect(drawAnswer(grammar, tiny, { taste, maxTokens: 100, seed: 1 })).not.toMatch(/\s/);
  });
});

describe.skipIf(!existsSync(qwen2()))('answers drawn with the tokens of Qwen2 (skipped where shared/data/qwen2-tokenizer is absent)', () => {
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    tokenizer = await loadTokenizer(qwen2());
  });

  it.each(Object.entries(schemas))('are valid: %s', (_, schema) => {
    const grammar = jsonSchemaGrammar(schema);
    const validate = ajv.compile(schema);
    for (const taste of ['anything', 'long tokens']) {
      const answer = drawAnswer(grammar, tokenizer, { taste, maxTokens: 60, seed: 3 });
      expect(validate(JSON.parse(answer)), answer).toBe(true);
    }
  });
});

function qwen2(): string {
  return join(import.meta.dirname, '../../../shared/data/qwen2-tokenizer');
}

describe('schemas made at random', () => {
  it('accept all their values, and answers drawn under them are valid', () => {
    const names = Object.keys(tastes);
    for (let seed = 0; seed < 1000; seed++) {
      const random = new Random(seed, 7);
      const { schema, value } = randomSchema(random);
      const validate = ajv.compile(schema);
      const grammar = jsonSchemaGrammar(schema);
      const machine = new Machine();
      for (let count = 0; count < 3; count++) {
        const made = value(random);
        expect(validate(made), `${JSON.stringify(schema)} ${JSON.stringify(made)}`).toBe(true);
        for (const text of [JSON.stringify(made), JSON.stringify(made, null, 2)]) {
          expect(machine.accepts(grammar, encoder.encode(text)), `${JSON.stringify(schema)} ${text}`).toBe(true);
        }
      }
      const maxTokens = shortestLength(grammar) + 50;
      const answer = drawAnswer(grammar, tiny, { taste: names[seed % names.length] ?? '', maxTokens, seed });
      expect(validate(JSON.parse(answer)), `${JSON.stringify(schema)} ${answer}`).toBe(true);
    }
  }, 60_000);
});

describe('zod', () => {
  const person = z.object({
    name: z.string().min(1), email: z.email(), born: z.iso.date(), at: z.iso.datetime().optional(), id: z.uuid(), ip: z.ipv4().nullable(),
    role: z.enum(['admin', 'user']), score: z.number().positive().max(1), count: z.int32(), tags: z.array(z.string()).max(3), pair: z.tuple([z.string(), z.boolean()]),
    event: z.discriminatedUnion('type', [z.object({ type: z.literal('a'), n: z.int() }), z.object({ type: z.literal('b') })]),
    map: z.record(z.string(), z.boolean()), slug: z.string().regex(/^[a-z]+(?:-[a-z]+)*$/), code: z.base64(), cuid: z.cuid2(),
  });

  it('parses what is drawn under its own schemas', () => {
    const grammar = jsonSchemaGrammar(z.toJSONSchema(person));
    for (const [index, taste] of Object.keys(tastes).entries()) person.parse(JSON.parse(drawAnswer(grammar, tiny, { taste, maxTokens: 700, seed: index })));
  });

  it('writes recursive schemas that r5 takes', () => {
    const category = z.object({ name: z.string(), get children() { return z.array(category); } });
    expect(accepts(z.toJSONSchema(category), { name: 'a', children: [{ name: 'b', children: [] }] })).toBe(true);
    expect(accepts(z.toJSONSchema(category), { name: 'a', children: [{ name: 'b' }] })).toBe(false);
  });
});

describe('what a schema accepts', () => {
  it.each<[JsonSchema, unknown[], unknown[]]>([
    [{ type: 'integer', minimum: -17, maximum: 1234 }, [-17, -9, 0, 5, 99, 1000, 1234], [-18, 1235, 2000, 1.5, '1']],
    [{ type: 'integer' }, [0, -1, Number.MAX_SAFE_INTEGER], [Number.MAX_SAFE_INTEGER + 1, 0.5]],
    [{ type: 'number', minimum: 0.5, exclusiveMaximum: 10.25 }, [0.5, 0.51, 9, 10, 10.2499], [0.4999, 0, 10.25, 10.3, 11, -1]],
    [{ type: 'number', exclusiveMinimum: 0 }, [0.001, 1, 123456.789], [0, -1]],
    [{ type: 'number', minimum: -2.5, maximum: -1 }, [-2.5, -1, -1.75], [-2.51, -0.9, 0, 1]],
    [{ type: 'number', multipleOf: 0.25 }, [0, 0.25, -7.5, 12, 0.5], [0.1, 0.26, 7.3]],
    [{ type: 'string', maxLength: 2 }, ['', '😀é', '\n"'], ['abc', '😀é1']],
    [{ type: 'string', pattern: '^\\S+$' }, ['é', 'a"b\\'], ['', 'a b', '\u00a0']],
    [{ type: 'string', pattern: '^a.c$' }, ['abc', 'a😀c'], ['a\nc', 'ac']],
    [{ type: 'string', pattern: '^[\\w.-]+@x$' }, ['a-b.c@x'], ['@x', 'a@xx']],
    [{ type: 'string', pattern: '^(?!.*--)[a-z-]+$' }, ['a-b', '-'], ['a--b']],
    [{ type: 'string', pattern: '^(?=.*\\d)[a-z\\d]{3}$' }, ['ab1', '123'], ['abc', 'a1']],
    [{ type: 'string', format: 'date' }, ['2024-02-29', '2000-02-29', '1999-12-31'], ['2023-02-29', '1900-02-29', '2024-04-31', '2024-13-01']],
    [{ type: 'string', format: 'ipv6' }, ['::', '::1', '2001:db8::1', '1:2:3:4:5:6:7:8'], [':', '1:2:3', ':::']],
    [{ type: 'string', nullable: true }, ['a', null], [1]],
    [{ enum: ['a', 'b', 3, null], type: ['string', 'null'], minLength: 1 }, ['a', null], [3, 'c']],
    [{ enum: [1, 5, 10], maximum: 5 }, [1, 5], [10]],
    [{ properties: { a: { type: 'integer' } } }, [{}, { a: 1 }], [{ a: 'x' }, { b: 1 }, 3]],
    [{ type: 'object', properties: { a: {} }, required: ['b'], additionalProperties: { type: 'null' } }, [{ a: [1, { x: '' }], b: null }, { b: null, c: null }], [{ a: 1 }, { b: 1 }, { b: null, c: 1 }]],
    [{ type: 'object', properties: { a: { type: 'null' } }, unevaluatedProperties: false }, [{}, { a: null }], [{ b: null }]],
    [{ type: 'object', minProperties: 2, properties: { a: { type: 'null' }, b: { type: 'null' }, c: { type: 'null' } }, maxProperties: 2 }, [{ a: null, c: null }, { b: null, c: null }], [{ a: null }, {}, { a: null, b: null, c: null }]],
    [{ $ref: '#/$defs/a~1b', $defs: { 'a/b': { const: 'x' } } }, ['x'], ['y']],
    [{ $ref: '#/$defs/s', maxLength: 1, $defs: { s: { type: 'string' } } }, ['x'], ['xx', 1]],
    [{ anyOf: [{ $ref: '#' }, { type: 'null' }] }, [null], [1]],
    [{ type: 'array', prefixItems: [{ type: 'null' }, { type: 'boolean' }] }, [[null, true]], [[null], [null, true, 1]]],
    [{ type: 'array', items: [{ type: 'null' }, { type: 'integer' }], additionalItems: { type: 'boolean' }, minItems: 1 }, [[null], [null, 1, true, false]], [[], [1], [null, 1, 1]]],
    [{ type: 'array', minItems: 1, maxItems: 2 }, [[1], ['a', {}]], [[], [1, 2, 3]]],
  ])('%j', (schema, valid, invalid) => {
    for (const value of valid) expect(accepts(schema, value), JSON.stringify(value)).toBe(true);
    for (const value of invalid) expect(accepts(schema, value), JSON.stringify(value)).toBe(false);
  });

  it.each(['^(a*b*)*c$', '^(a?b?){2,3}$', '^((a|)(b|)){2}$', '^(?:(?:x*)?a?)+$', '^(|a)+$', '^(a{0,2}b{0,1}){1,2}$', 'a+|^b', '^[^ab]c?x*$'])('takes the texts that JavaScript finds %s in', (pattern) => {
    const grammar = jsonSchemaGrammar({ type: 'string', pattern });
    const machine = new Machine();
    const texts = Array.from({ length: 4 ** 5 }, (_, index) => index.toString(4).replaceAll(/\d/g, (digit) => 'abcx'.charAt(Number(digit))));
    for (const text of ['', ...texts]) expect(machine.accepts(grammar, encoder.encode(JSON.stringify(text))), text).toBe(new RegExp(pattern, 'u').test(text));
  });

  it('takes every spelling of a character but half a pair', () => {
    for (const text of ['"\\u00e9"', '"\\ud83d\\ude00"', '"\\/\\b\\f\\n\\r\\t\\"\\\\"']) expect(acceptsText({ type: 'string' }, text)).toBe(true);
    for (const text of ['"\\ud83d"', '"\\ude00"', '"\\ud83d\\u0041"', '"\n"', '"\\x41"', '"']) expect(acceptsText({ type: 'string' }, text)).toBe(false);
    expect(acceptsText({ type: 'string', maxLength: 1 }, '"\\ud83d\\ude00"')).toBe(true);
  });

  it('takes natural white space and no more', () => {
    const schema = { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'array', items: { type: 'integer' } } }, required: ['a', 'b'] };
    for (const text of ['{"a":1,"b":[]}', '{"a": 1, "b": [1, 2]}', '{ "a": 1, "b": [ ] }', '{\n  "a": 1,\n  "b": [\n    1\n  ]\n}']) expect(acceptsText(schema, text)).toBe(true);
    for (const text of ['{"a":  1,"b":[]}', '{"a":1,  "b":[]}', '{"a":1,"b":[]} ', ' {"a":1,"b":[]}', '{\n\n"a":1,"b":[]}']) expect(acceptsText(schema, text)).toBe(false);
  });
});

describe('what cannot be enforced', () => {
  it.each<[JsonSchema, string]>([
    [{ not: { type: 'string' } }, '#/not'],
    [{ type: 'object', properties: { 'a/b': { if: {} } } }, '#/properties/a~1b/if'],
    [{ type: 'array', contains: {} }, '#/contains'],
    [{ type: 'array', items: { type: 'string' }, uniqueItems: true }, '#/uniqueItems'],
    [{ type: 'object', properties: { a: { type: 'object', dependentRequired: {} } } }, '#/properties/a/dependentRequired'],
    [{ type: 'string', minLenght: 3 }, '"minLenght"'],
    [{ type: 'string', format: 'regex' }, '#/format: "regex"'],
    [{ type: 'string', pattern: '(a)\\1' }, 'refers back'],
    [{ type: 'string', pattern: '\\bword' }, 'boundary'],
    [{ type: 'string', pattern: '(?<=a)b' }, 'looks behind'],
    [{ type: 'string', pattern: '(' }, '#/pattern'],
    [{ type: 'integer', multipleOf: 0 }, '#/multipleOf'],
    [{ type: 'integer', multipleOf: 1234567 }, '#/multipleOf'],
    [{ type: 'text' }, '#/type'],
    [{ type: 'number', exclusiveMinimum: true }, '#/exclusiveMinimum'],
    [{ $ref: 'https://example.com/schema' }, '#/$ref'],
    [{ $ref: '#/$defs/none' }, 'is not in the schema'],
    [{ oneOf: [{ type: 'string' }, { type: 'string', maxLength: 3 }] }, 'branch 0 and branch 1'],
    [{ oneOf: [{ type: 'object', properties: { a: {} } }, { type: 'object', properties: { b: {} } }] }, '#/oneOf'],
    [{ type: 'object', minProperties: 3, additionalProperties: true }, '#/minProperties'],
    [{ type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] }, 'no finite value'],
    [{ type: 'integer', minimum: 5, maximum: 4 }, 'no finite value'],
    [{ enum: [] }, '#/enum'],
    [{ type: 'object', patternProperties: { '\\bx': true } }, '#/patternProperties'],
    [{ allOf: Array.from({ length: 15 }, (_, index) => ({ anyOf: [{ minLength: index }, { maxLength: 99 - index }] })) }, 'combinations'],
    [{ type: 'string', pattern: '^((a{0,1000}){0,1000}){0,1000}$', maxLength: 100 }, '#/pattern'],
    [false, 'no finite value'],
  ])('is refused by name: %j', (schema, message) => {
    expect(() => jsonSchemaGrammar(schema)).toThrow(message);
  });

  it('is refused where there is too much of it', () => {
    const many = Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`p${index}`, true]));
    expect(() => jsonSchemaGrammar({ type: 'object', properties: many })).toThrow('600 properties');
    const deep = Array.from({ length: 300 }).reduce<JsonSchema>((items) => ({ type: 'array', items }), { type: 'null' });
    expect(() => jsonSchemaGrammar(deep)).toThrow('schemas deep');
  });

  it('leaves annotations alone', () => {
    expect(accepts({ $schema: 'https://json-schema.org/draft/2020-12/schema', $id: 'x', title: 't', description: 'd', default: 1, examples: [2], 'x-order': 3, type: 'integer' }, 7)).toBe(true);
  });
});
