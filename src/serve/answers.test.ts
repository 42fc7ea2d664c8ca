import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, isStepCount, streamText, tool } from 'ai';
import type { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { FamilyName } from '../chat/templates.fixture.ts';
import { clientOf, scriptedServedModel, startServer } from './serve.fixture.ts';

const call = (word: string): string => `<tool_call>\n{"name": "look_up", "arguments": {"word": "${word}"}}\n</tool_call>`;
const lookUp = { type: 'function' as const, function: { name: 'look_up', description: 'Looks a word up.', parameters: { type: 'object', properties: { word: { type: 'string' } } } } };
const ask = { model: 'scripted', messages: [{ role: 'user' as const, content: 'What is r5?' }] };

async function start(family: FamilyName, ...texts: string[]): Promise<{ client: OpenAI; url: string }> {
  const server = await startServer({ model: await scriptedServedModel(family, texts) });
  return { client: clientOf(server), url: server.url };
}

describe('thoughts', () => {
  const said = '<think>\nIt is a library.\n</think>\n\nA library.<|im_end|>';

  test('are split from the answer and counted, and may come back', async () => {
    const { client } = await start('openThinking', said, said, 'Yes.<|im_end|>');
    const { choices, usage } = await client.chat.completions.create(ask);
    expect(choices[0]?.message).toMatchObject({ content: 'A library.', reasoning_content: 'It is a library.' });
    const reasoning = usage?.completion_tokens_details?.reasoning_tokens ?? 0;
    expect(reasoning).toBeGreaterThan(5);
    expect(reasoning).toBeLessThan((usage?.completion_tokens ?? 0) - 3);
    const stream = await client.chat.completions.create({ ...ask, stream: true });
    const pieces = { content: '', reasoning_content: '' };
    for await (const { choices: [choice] } of stream) {
      const delta = z.object({ content: z.string().default(''), reasoning_content: z.string().default('') }).parse(choice?.delta ?? {});
      pieces.content += delta.content;
      pieces.reasoning_content += delta.reasoning_content;
    }
    expect(pieces).toEqual({ content: 'A library.', reasoning_content: 'It is a library.' });
    const answer = { role: 'assistant' as const, ...pieces };
    const { usage: again } = await client.chat.completions.create({ ...ask, messages: [...ask.messages, answer, { role: 'user', content: 'Really?' }] });
    const { usage: without } = await client.chat.completions.create({ ...ask, messages: [...ask.messages, { role: 'assistant', content: 'A library.' }, { role: 'user', content: 'Really?' }] });
    expect(again?.prompt_tokens).toBeGreaterThan((without?.prompt_tokens ?? Infinity) + 5);
  });

  test('reach the AI SDK as reasoning', async () => {
    const { url } = await start('openThinking', said, said);
    const model = createOpenAICompatible({ name: 'r5', baseURL: `${url}/v1` })('scripted');
    const whole = await generateText({ model, prompt: 'What is r5?' });
    expect([whole.text, whole.reasoningText]).toEqual(['A library.', 'It is a library.']);
    const streamed = streamText({ model, prompt: 'What is r5?' });
    expect([await streamed.text, await streamed.reasoningText]).toEqual(['A library.', 'It is a library.']);
  });
});

describe('tool calls', () => {
  const said = `Let me see.\n${call('r5')}\n${call('rl')}<|im_end|>`;

  test('whole and streamed', async () => {
    const { client } = await start('hermes', said, said);
    const { choices } = await client.chat.completions.create({ ...ask, tools: [lookUp] });
    expect(choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { tool_calls: ['r5', 'rl'].map((word) => ({ type: 'function', function: { name: 'look_up', arguments: expect.stringContaining(`"${word}"`) } })) },
    });
    const stream = client.chat.completions.stream({ ...ask, tools: [lookUp] });
    const final = await stream.finalChatCompletion();
    const plain = final.choices[0]?.message.tool_calls?.map((one) => (one.type === 'function' ? [one.id, one.function.name, JSON.parse(one.function.arguments)] : []));
    const whole = choices[0]?.message.tool_calls?.map((one) => (one.type === 'function' ? [expect.any(String), one.function.name, JSON.parse(one.function.arguments)] : []));
    expect(plain).toEqual(whole);
    expect(final.choices[0]?.finish_reason).toBe('tool_calls');
  });

  test('one at a time where so asked; none where none are offered', async () => {
    const { client } = await start('hermes', said, said);
    const one = await client.chat.completions.create({ ...ask, tools: [lookUp], parallel_tool_calls: false });
    expect(one.choices[0]?.message.tool_calls).toHaveLength(1);
    const none = await client.chat.completions.create({ ...ask, tools: [lookUp], tool_choice: 'none' });
    expect(none.choices[0]?.message.tool_calls).toBeUndefined();
  });

  test('a loop of the AI SDK runs its tools through the server', async () => {
    const { url } = await start('hermes', `${call('r5')}<|im_end|>`, 'It is a library.<|im_end|>');
    const asked: string[] = [];
    const look_up = tool({
      description: 'Looks a word up.',
      inputSchema: z.object({ word: z.string() }),
      execute: ({ word }) => {
        asked.push(word);
        return `${word} is a library`;
      },
    });
    const model = createOpenAICompatible({ name: 'r5', baseURL: `${url}/v1` })('scripted');
    const { text, steps } = await generateText({ model, prompt: 'What is r5?', tools: { look_up }, stopWhen: isStepCount(3) });
    expect([text, asked, steps.length]).toEqual(['It is a library.', ['r5'], 2]);
  });
});

test('a model without a chat template says where to go', async () => {
  const { tokenizer, ...rest } = await scriptedServedModel('hermes', ['on']);
  const server = await startServer({ model: { ...rest, tokenizer: { ...tokenizer, chatTemplate: undefined } } });
  await expect(clientOf(server).chat.completions.create(ask)).rejects.toMatchObject({ status: 400, code: 'no_chat_template' });
  expect((await clientOf(server).completions.create({ model: 'scripted', prompt: 'and so' })).choices[0]?.text).toBe('on');
});
