import { describe, expect, test } from 'vitest';
import { Random } from '../random.ts';
import { allEvents, familyTokenizer, joined, lookUp, question, scriptedModel, setDown } from './chat-model.fixture.ts';
import { findToolCallFormat, showsTools } from './tool-call-format.ts';
import { families, type FamilyName } from './templates.fixture.ts';
import type { ChatMessage } from '../chat-message.ts';

const ask = { messages: [question], sampling: {}, tools: [lookUp, setDown] };
const familyNames = Object.keys(families).filter((name): name is FamilyName => name in families);

async function answered(family: FamilyName, said: string, more: object = {}): Promise<{ message: ChatMessage; finishReason: string; streamed: ReturnType<typeof joined> }> {
  const { model } = await scriptedModel(family, [said]);
  const { events, answer } = await allEvents(model.stream({ ...ask, ...more }));
  return { message: answer.message, finishReason: answer.finishReason, streamed: joined(events) };
}

describe('formats are found in the templates', () => {
  test.each([
    ['hermes', { shape: 'json', open: '<tool_call>', close: '</tool_call>', writesId: false, exact: { beforeName: '<tool_call>\n{"name": "', betweenNameAndArguments: '", "arguments": ', afterArguments: '}\n</tool_call>' } }],
    ['thinking', { shape: 'json', open: '<tool_call>', close: '</tool_call>' }],
    ['llama', { shape: 'json', open: '', close: '' }],
    ['mistral', { shape: 'json', open: '[TOOL_CALLS]', close: '', writesId: true }],
    ['mistralNamed', { shape: 'named', open: '[TOOL_CALLS]', close: '', separator: '[TOOL_CALLS]' }],
    ['phi', { shape: 'json', open: '<|tool_call|>', close: '<|/tool_call|>', separator: '}, {"name": "' }],
    ['deepSeek', { shape: 'named', open: '<|tool_calls_begin|><|tool_call_begin|>function<|tool_sep|>', close: '```<|tool_call_end|><|tool_calls_end|>' }],
    ['tags', { shape: 'tags', open: '<tool_call>\n<function=', close: '</function>\n</tool_call>', tags: { beforeKey: '<parameter=', betweenKeyAndValue: '>', afterValue: '</parameter>' } }],
  ] as const)('%s', async (name, expected) => {
    const tokenizer = await familyTokenizer(name);
    if (!tokenizer.chatTemplate) throw new Error('the family has a template');
    expect(showsTools(tokenizer.chatTemplate)).toBe(true);
    expect(findToolCallFormat(tokenizer.chatTemplate, tokenizer)).toMatchObject(expected);
  });
});

describe('what a template writes for calls is read back', () => {
  const calls = [
    { id: 'abcdefgh1', type: 'function', function: { name: 'look_up', arguments: { word: 'a "b" {c} é\n</x>', count: -2 } } },
    { id: 'abcdefgh2', type: 'function', function: { name: 'set_down', arguments: { text: 'plain' } } },
  ] as const;

  test.each(familyNames)('%s', async (name) => {
    const { chatTemplate, specialTokens } = await familyTokenizer(name);
    for (const written of name === 'llama' ? [calls.slice(0, 1)] : [calls.slice(0, 1), calls]) {
      const before = chatTemplate?.render([question], { tools: ask.tools, addGenerationPrompt: true }) ?? '';
      const after = chatTemplate?.render([question, { role: 'assistant', content: '', tool_calls: written }], { tools: ask.tools }) ?? '';
      const opened = before.endsWith('<think>\n');
      const text = after.slice(opened ? before.length - '<think>\n'.length : before.length).replace(new RegExp(`${specialTokens[0]?.replaceAll('|', '\\|')}\\s*$`), '');
      const { message, finishReason, streamed } = await answered(name, `${opened ? 'hm\n</think>\n' : ''}${text}`);
      expect(finishReason).toBe('tool-calls');
      expect(message.content).toBe('');
      expect(message.tool_calls?.map(({ function: { name: tool, arguments: given } }) => [tool, JSON.parse(String(given))])).toEqual(written.map((call) => [call.function.name, call.function.arguments]));
      expect(streamed.calls).toEqual(message.tool_calls?.map((call) => call.function));
      if (name === 'mistral') expect(message.tool_calls?.map(({ id }) => id)).toEqual(written.map(({ id }) => id));
      else for (const { id } of message.tool_calls ?? []) expect(id).toMatch(/^[\dA-Za-z]{9}$/);
    }
  });
});

describe('calls as they come', () => {
  test('arguments stream, with text and thoughts around', async () => {
    const { model } = await scriptedModel('openThinking', ['<think>\nA tool knows.\n</think>\n\nI look.\n<tool_call>\n{"name": "look_up", "arguments": {"word": "the quick brown fox"}}\n</tool_call>\n']);
    const { events, answer } = await allEvents(model.stream(ask));
    expect(answer.message).toMatchObject({ content: 'I look.', reasoning_content: 'A tool knows.', tool_calls: [{ type: 'function', function: { name: 'look_up', arguments: '{"word": "the quick brown fox"}' } }] });
    expect(joined(events)).toEqual({ reasoning: 'A tool knows.', text: 'I look.', calls: [{ name: 'look_up', arguments: '{"word": "the quick brown fox"}' }] });
    expect(events.filter(({ type }) => type === 'tool-call-arguments').length).toBeGreaterThan(5);
    const order = events.map(({ type }) => type);
    expect(order.indexOf('tool-call-start')).toBeLessThan(order.indexOf('tool-call-arguments'));
    expect(order.slice(-2)).toEqual(['tool-call-end', 'finish']);
  });

  test('ids follow from prompt, seed and place', async () => {
    const said = '<tool_call>{"name": "look_up", "arguments": {}}</tool_call><tool_call>{"name": "look_up", "arguments": {}}</tool_call>';
    const ids = async (seed: number): Promise<(string | undefined)[]> => (await answered('hermes', said, { sampling: { seed } })).message.tool_calls?.map(({ id }) => id) ?? [];
    const first = await ids(1);
    expect(await ids(1)).toEqual(first);
    expect(new Set([...first, ...(await ids(2))]).size).toBe(4);
  });

  test('parallelToolCalls false ends after the first', async () => {
    const said = '<tool_call>{"name": "look_up", "arguments": {}}</tool_call><tool_call>{"name": "set_down", "arguments": {}}</tool_call>';
    const { model, tokenizer } = await scriptedModel('hermes', [said]);
    const answer = await model.complete({ ...ask, parallelToolCalls: false });
    expect(answer.message.tool_calls).toHaveLength(1);
    expect(answer.finishReason).toBe('tool-calls');
    expect(tokenizer.decode(answer.generation.tokens)).not.toContain('set_down');
  });

  test.each([
    ['arguments as a text', 'hermes', '<tool_call>{"name": "look_up", "arguments": "{\\"word\\": \\"a\\"}"}</tool_call>', '{"word": "a"}'],
    ['arguments before the name', 'hermes', '<tool_call>{"arguments": {"word": "a"}, "name": "look_up"}</tool_call>', '{"word": "a"}'],
    ['no arguments', 'hermes', '<tool_call>{"name": "look_up"}</tool_call>', '{}'],
    ['parameters', 'hermes', '<tool_call>{"name": "look_up", "parameters": {}}</tool_call>', '{}'],
    ['in a function', 'hermes', '<tool_call>{"type": "function", "function": {"name": "look_up", "arguments": {"word": "a"}}}</tool_call>', '{"word":"a"}'],
    ['not closed', 'hermes', '<tool_call>{"name": "look_up", "arguments": {"word": "a"}}', '{"word": "a"}'],
    ['behind the python tag', 'llama', '<|python_tag|>{"name": "look_up", "parameters": {"word": "a"}}', '{"word": "a"}'],
    ['a list of one', 'hermes', '<tool_call>[{"name": "look_up", "arguments": {"word": "a"}}]</tool_call>', '{"word": "a"}'],
    ['arguments that break off stay as they are', 'hermes', '<tool_call>{"name": "look_up", "arguments": {"word": "a', '{"word": "a'],
  ] as const)('%s', async (_, family, said, expected) => {
    const { message, streamed } = await answered(family, said);
    expect(message.tool_calls?.map((call) => call.function)).toEqual([{ name: 'look_up', arguments: expected }]);
    expect(streamed.calls).toEqual([{ name: 'look_up', arguments: expected }]);
    expect(message.content).toBe('');
  });
});

describe('what is no call is text, whole', () => {
  test.each([
    ['hermes', '<tool_call>look_up("a")</tool_call> and more'],
    ['hermes', 'see <tool_call>\n{"nome": "look_up"}\n</tool_call>'],
    ['hermes', '<tool_call>'],
    ['hermes', '<tool_call>\n{"name": "look_up", "argu'],
    ['hermes', '<tool_ca'],
    ['hermes', '{"name": "look_up", "arguments": {}}'],
    ['llama', '{"name": "no_such_tool", "parameters": {}}'],
    ['llama', '{"answer": 4}'],
    ['mistral', '[TOOL_CALLS] none'],
    ['mistralNamed', '[TOOL_CALLS]look up[ARGS]{}'],
    ['phi', '<|tool_call|>[1, 2]<|/tool_call|>'],
    ['tags', '<tool_call>\n<function=look_up>\n<parameter=word>\na\n'],
  ] as const)('%s: %j', async (family, said) => {
    const { message, finishReason, streamed } = await answered(family, said);
    expect(message).toEqual({ role: 'assistant', content: said });
    expect(streamed.text).toBe(said);
    expect(finishReason).toBe('stop');
  });

  test('and a call behind it is a call', async () => {
    const { message } = await answered('hermes', '<tool_call>oops</tool_call>\n<tool_call>\n{"name": "look_up", "arguments": {}}\n</tool_call>');
    expect(message).toMatchObject({ content: '<tool_call>oops</tool_call>', tool_calls: [{ function: { name: 'look_up' } }] });
  });

  test('a marker that is a special token counts only as that token', async () => {
    const { tokenizer, model } = await scriptedModel('mistral', ['ok']);
    const spelled = ['[TOOL', '_CALLS]', '[{"name": "look_up", "arguments": {}}]'].flatMap((text) => tokenizer.encode(text));
    expect(spelled).not.toContain(tokenizer.tokenId('[TOOL_CALLS]'));
    const { openChatModel } = await import('./chat-model.ts');
    const said = openChatModel({
      name: model.name,
      tokenizer,
      engine: {
        contextLength: 999, vocabularySize: tokenizer.vocabularySize, endTokens: [],
        generate: async ({ onToken }) => {
          for (const token of spelled) onToken?.({ token, logprob: -1, top: [] });
          return { tokens: spelled, logprobs: spelled.map(() => -1), stopReason: 'stop', weightsVersion: 0, cachedTokens: 0 };
        },
      },
    });
    expect((await said.complete(ask)).message).toEqual({ role: 'assistant', content: '[TOOL_CALLS][{"name": "look_up", "arguments": {}}]' });
  });

  test('random texts lose nothing and never throw', async () => {
    const random = new Random(5);
    const pieces = ['<tool_call>', '</tool_call>', '{', '}', '"name"', ': "look_up"', '[', ']', ',', '"arguments": ', '{"word": "a"}', '<think>', '</think>', '\n', ' text ', '"', '\\', 'é', '[TOOL_CALLS]', '[ARGS]', 'look_up', '<function=look_up>', '</function>', '<|python_tag|>'];
    for (const family of familyNames) {
      const said = Array.from({ length: 15 }, () => Array.from({ length: random.integer(1, 14) }, () => random.pick(pieces)).join(''));
      const { model } = await scriptedModel(family, said);
      for (const text of said) {
        const { events, answer } = await allEvents(model.stream(ask));
        const streamed = joined(events);
        const { content, reasoning_content: reasoning = '', tool_calls: calls = [] } = answer.message;
        expect(streamed).toEqual({ reasoning, text: content, calls: calls.map((call) => call.function) });
        if (calls.length === 0 && !text.includes('think>') && family !== 'deepSeek') {
          const visible = (families[family].special as readonly string[]).filter((token) => !streamed.text.includes(token)).reduce((left, token) => left.replaceAll(token, ''), text);
          expect(streamed.text.replace(/\s/g, '')).toBe(visible.replace(/\s/g, ''));
        }
      }
    }
  });
});
