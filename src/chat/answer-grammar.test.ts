import { describe, expect, test } from 'vitest';
import { drawingEngine, familyTokenizer, lookUp, question, setDown } from './chat-model.fixture.ts';
import { openChatModel } from './chat-model.ts';
import { families, type FamilyName } from './templates.fixture.ts';
import type { ChatModel } from './chat-request.ts';
import type { ChatTool } from '../chat-message.ts';

const familyNames = Object.keys(families).filter((name): name is FamilyName => name in families);
const flag: ChatTool = { type: 'function', function: { name: 'flag', parameters: { type: 'object', properties: { on: { type: 'boolean' }, level: { enum: ['low', 'high'] } }, required: ['on', 'level'] } } };
const ask = { messages: [question], sampling: { maxTokens: 300 }, tools: [lookUp, setDown, flag] };

async function drawing(family: FamilyName, seed: number): Promise<ChatModel> {
  const tokenizer = await familyTokenizer(family);
  return openChatModel({ engine: drawingEngine(tokenizer, seed), tokenizer, name: family });
}

describe.each(familyNames)('%s: whatever is drawn', (family) => {
  test('an answer that must call a tool calls one of them, with arguments that fit', async () => {
    const model = await drawing(family, 1);
    for (let seed = 0; seed < 3; seed++) {
      const { message, finishReason } = await model.complete({ ...ask, toolChoice: 'required' });
      expect(finishReason).toBe('tool-calls');
      expect(message.content).toBe('');
      for (const { function: { name, arguments: given } } of message.tool_calls ?? []) {
        expect(['look_up', 'set_down', 'flag']).toContain(name);
        const value: Record<string, unknown> = JSON.parse(String(given));
        if (name === 'look_up') expect(typeof value.word).toBe('string');
        if (name === 'flag') expect([typeof value.on, ['low', 'high'].includes(String(value.level))]).toEqual(['boolean', true]);
      }
    }
  });

  test('a named tool is called, once', async () => {
    const model = await drawing(family, 2);
    for (let seed = 0; seed < 2; seed++) {
      const { message } = await model.complete({ ...ask, toolChoice: { name: 'flag' } });
      expect(message.tool_calls?.map((call) => call.function.name)).toEqual(['flag']);
    }
  });

  test('JSON of a schema is valid, behind the thoughts', async () => {
    const model = await drawing(family, 3);
    const schema = { type: 'object', properties: { answer: { type: 'integer' }, sure: { type: 'boolean' } }, required: ['answer', 'sure'], additionalProperties: false };
    for (let seed = 0; seed < 3; seed++) {
      const { message } = await model.complete({ messages: [question], sampling: { maxTokens: 100 }, responseFormat: { type: 'json-schema', schema } });
      const value: Record<string, unknown> = JSON.parse(message.content ?? '');
      expect([Number.isInteger(value.answer), typeof value.sure]).toEqual([true, 'boolean']);
      const free = await model.complete({ messages: [question], sampling: { maxTokens: 100 }, responseFormat: { type: 'json' } });
      expect(JSON.parse(free.message.content ?? '')).toBeTypeOf('object');
    }
  });
});

test('with a schema and tools the answer is JSON or a call', async () => {
  const model = await drawing('hermes', 4);
  const seen = new Set<string>();
  for (let seed = 0; seed < 12; seed++) {
    const { message } = await model.complete({ ...ask, responseFormat: { type: 'json' } });
    if (message.tool_calls) seen.add('call');
    else if (JSON.parse(message.content ?? '')) seen.add('json');
  }
  expect([...seen].toSorted()).toEqual(['call', 'json']);
});

test('a schema that cannot be enforced is refused before anything is drawn', async () => {
  const model = await drawing('hermes', 5);
  const schema = { type: 'string', format: 'no-such-format-exists', pattern: '(?<=a)b' };
  expect(() => model.stream({ messages: [question], sampling: {}, responseFormat: { type: 'json-schema', schema } })).toThrow(/pattern/);
});
