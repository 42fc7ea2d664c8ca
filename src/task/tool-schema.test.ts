import { expect, it } from 'vitest';
import { z } from 'zod';
import { chatTools, toolJsonSchema } from './tool-schema.ts';
import { defineTool, type Tool, type ToolSchema } from './tool.ts';

const search = defineTool({
  name: 'search',
  description: 'Searches.',
  parameters: z.object({ query: z.string().describe('a few words'), count: z.number().optional() }),
  run: ({ query }) => query,
});

it('writes a zod schema as the JSON schema of what a model must write', () => {
  expect(chatTools([search])).toEqual([{
    type: 'function',
    function: {
      name: 'search',
      description: 'Searches.',
      parameters: { type: 'object', properties: { query: { type: 'string', description: 'a few words' }, count: { type: 'number' } }, required: ['query'] },
    },
  }]);
});

it('takes any Standard Schema, with a JSON schema beside it where the library cannot write one', () => {
  const parameters: ToolSchema<{ word: string }> = {
    '~standard': { version: 1, vendor: 'home-made', validate: () => ({ value: { word: 'r5' } }) },
  };
  const bare: Tool<{ word: string }> = { name: 'look_up', description: 'Looks up.', parameters, run: ({ word }) => word };
  expect(() => toolJsonSchema(bare)).toThrow('schema of home-made');
  const jsonSchema = { type: 'object', properties: { word: { type: 'string' } } };
  expect(toolJsonSchema({ ...bare, jsonSchema })).toBe(jsonSchema);
});

it('refuses names that a model cannot tell apart or write', () => {
  expect(() => chatTools([search, search])).toThrow('Two tools are named "search"');
  expect(() => chatTools([{ ...search, name: 'look up' }])).toThrow('"look up"');
});

it('says which parameters have no JSON schema', () => {
  expect(() => toolJsonSchema({ ...search, parameters: z.object({ when: z.date() }) })).toThrow(/"search" cannot be written as a JSON schema: .*Give the tool a jsonSchema/);
});

it.each<[string, object, RegExp]>([
  ['a description', { description: '' }, /"search" has the description "".*what the tool is for/],
  ['a schema', { parameters: 'nope' }, /"search" has the parameters "nope"; it must be a schema/],
  ['what it does', { run: undefined }, /"search" has the run undefined; it must be a function/],
  ['a time that passes', { timeoutMs: -1 }, /"search" has the timeoutMs -1; .* above 0/],
])('refuses a tool without %s', (_, change, message) => {
  expect(() => chatTools([Object.assign({}, search, change)])).toThrow(message);
});
