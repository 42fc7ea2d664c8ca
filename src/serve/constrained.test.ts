import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { generateText, Output, tool } from 'ai';
import type { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { clientOf, startServer, tinyModelForFile } from './serve.fixture.ts';

const tiny = tinyModelForFile();
const messages = [{ role: 'user' as const, content: 'Hello' }];
const start = async (): Promise<{ client: OpenAI; url: string }> => {
  const server = await startServer({ model: tiny.model });
  return { client: clientOf(server), url: server.url };
};

/** Short enough for a model of random weights, which goes on wherever it may. */
const schemas: Record<string, Record<string, unknown>> = {
  person: { type: 'object', properties: { name: { type: 'string', maxLength: 8 }, age: { type: 'integer', minimum: 0, maximum: 120 }, sex: { enum: ['f', 'm'] } }, required: ['name', 'age', 'sex'], additionalProperties: false },
  list: { type: 'object', properties: { words: { type: 'array', items: { type: 'string', maxLength: 5 }, minItems: 1, maxItems: 3 }, ok: { type: 'boolean' } }, required: ['words', 'ok'], additionalProperties: false },
  either: { type: 'object', properties: { value: { anyOf: [{ type: 'null' }, { const: 'x' }, { type: 'object', properties: { n: { type: 'integer', minimum: 1, maximum: 9 } }, required: ['n'], additionalProperties: false }] } }, required: ['value'], additionalProperties: false },
};

describe('JSON by a schema', () => {
  test.each(Object.keys(schemas))('%s: every answer parses and is valid, whole and streamed', async (name) => {
    const { client } = await start();
    const schema = schemas[name] ?? {};
    const validate = new Ajv2020().compile(schema);
    const request = { model: 'tiny', messages, response_format: { type: 'json_schema' as const, json_schema: { name, schema, strict: true } } };
    const texts = await Promise.all(
      Array.from({ length: 12 }, async (_, seed) => {
        if (seed % 2 === 0) return (await client.chat.completions.create({ ...request, seed })).choices[0];
        return (await client.chat.completions.stream({ ...request, seed }).finalChatCompletion()).choices[0];
      }),
    );
    for (const choice of texts) {
      expect(choice?.finish_reason).toBe('stop');
      const value: unknown = JSON.parse(choice?.message.content ?? '');
      expect([validate(value), validate.errors]).toEqual([true, null]);
    }
    expect(new Set(texts.map((choice) => choice?.message.content)).size).toBeGreaterThan(3);
  });

  test('in the Responses API and through the AI SDK', async () => {
    const { client, url } = await start();
    const { output_text: text } = await client.responses.create({ model: 'tiny', input: 'Hello', text: { format: { type: 'json_schema', name: 'person', schema: schemas.person ?? {}, strict: true } } });
    expect(new Ajv2020().validate(schemas.person ?? {}, JSON.parse(text))).toBe(true);
    const model = createOpenAICompatible({ name: 'r5', baseURL: `${url}/v1`, supportsStructuredOutputs: true })('tiny');
    const { output } = await generateText({ model, prompt: 'Hello', seed: 3, output: Output.object({ schema: z.object({ age: z.number().int().min(0).max(99), sex: z.enum(['f', 'm']) }) }) });
    expect(output.age).toBeLessThan(100);
  });

  test('a schema that cannot be enforced is refused, not ignored', async () => {
    const { client } = await start();
    const schema = { type: 'object', not: { required: ['a'] } };
    await expect(client.chat.completions.create({ model: 'tiny', messages, response_format: { type: 'json_schema', json_schema: { name: 'no', schema } } })).rejects.toMatchObject({ status: 400 });
  });
});

describe('tools that must be called', () => {
  const parameters = { type: 'object', properties: { word: { type: 'string', maxLength: 6 }, times: { type: 'integer', minimum: 1, maximum: 9 } }, required: ['word', 'times'], additionalProperties: false };
  const tools = ['look_up', 'set_down'].map((name) => ({ type: 'function' as const, function: { name, parameters } }));
  const ask = { model: 'tiny', messages, tools, parallel_tool_calls: false, max_tokens: 300 };

  test.each<[string, OpenAI.Chat.ChatCompletionToolChoiceOption, string[]]>([
    ['the named one', { type: 'function', function: { name: 'set_down' } }, ['set_down']],
    ['any', 'required', ['look_up', 'set_down']],
  ])('%s: every call parses and fits its parameters', async (_, toolChoice, names) => {
    const { client } = await start();
    const validate = new Ajv2020().compile(parameters);
    const answers = await Promise.all(Array.from({ length: 8 }, (__, seed) => client.chat.completions.stream({ ...ask, tool_choice: toolChoice, seed }).finalChatCompletion()));
    for (const { choices: [choice] } of answers) {
      expect(choice?.finish_reason).toBe('tool_calls');
      const [call] = choice?.message.tool_calls ?? [];
      if (call?.type !== 'function') throw new Error('a call was required');
      expect(names).toContain(call.function.name);
      expect([validate(JSON.parse(call.function.arguments)), validate.errors]).toEqual([true, null]);
    }
  });

  test('by the AI SDK', async () => {
    const { url } = await start();
    const model = createOpenAICompatible({ name: 'r5', baseURL: `${url}/v1` })('tiny');
    const look_up = tool({ description: 'Looks up.', inputSchema: z.object({ times: z.number().int().min(1).max(9) }), execute: ({ times }) => times });
    const { toolCalls } = await generateText({ model, prompt: 'Hello', tools: { look_up }, toolChoice: 'required', providerOptions: { r5: { parallel_tool_calls: false } }, seed: 4 });
    expect(toolCalls[0]).toMatchObject({ toolName: 'look_up', input: { times: expect.any(Number) } });
  });
});
