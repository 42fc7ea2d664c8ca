import type { OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { FamilyName } from '../chat/templates.fixture.ts';
import { clientOf, post, scriptedServedModel, startServer, tinyModelForFile } from './serve.fixture.ts';

const tiny = tinyModelForFile();
const call = (word: string): string => `<tool_call>\n{"name": "look_up", "arguments": {"word": "${word}"}}\n</tool_call>`;
const lookUp = { type: 'function' as const, name: 'look_up', description: 'Looks a word up.', parameters: { type: 'object', properties: { word: { type: 'string' } } }, strict: null };

async function scripted(family: FamilyName, ...texts: string[]): Promise<OpenAI> {
  return clientOf(await startServer({ model: await scriptedServedModel(family, texts) }));
}

describe('the Responses API, by OpenAI’s client', () => {
  test('whole and streamed answers are the same', async () => {
    const client = clientOf(await startServer({ model: tiny.model }));
    const request = { model: 'tiny', input: 'What is the answer?', instructions: 'Be short.', max_output_tokens: 20, temperature: 0 };
    const whole = await client.responses.create(request);
    expect(whole).toMatchObject({ object: 'response', status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, instructions: 'Be short.', usage: { output_tokens: 20 } });
    const stream = client.responses.stream(request);
    const types: string[] = [];
    const numbers: number[] = [];
    for await (const event of stream) {
      types.push(event.type);
      numbers.push(event.sequence_number);
    }
    const final = await stream.finalResponse();
    expect(final.output_text).toBe(whole.output_text);
    expect(final.usage?.output_tokens).toBe(20);
    expect(numbers).toEqual(numbers.map((_, i) => i));
    expect([...new Set(types)]).toEqual([
      'response.created', 'response.in_progress', 'response.output_item.added', 'response.content_part.added', 'response.output_text.delta',
      'response.output_text.done', 'response.content_part.done', 'response.output_item.done', 'response.incomplete',
    ]);
  });

  test('reasoning, text and calls are items, and go back as such', async () => {
    const said = `<think>\nI should look.\n</think>\n\nLet me see.\n${call('r5')}\n${call('rl')}<|im_end|>`;
    const client = await scripted('openThinking', said, said, 'A library.<|im_end|>');
    const whole = await client.responses.create({ model: 'scripted', input: 'What is r5?', tools: [lookUp] });
    expect(whole.status).toBe('completed');
    expect(whole.output).toMatchObject([
      { type: 'reasoning', content: [{ type: 'reasoning_text', text: 'I should look.' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: expect.stringContaining('Let me see.') }] },
      { type: 'function_call', name: 'look_up', status: 'completed' },
      { type: 'function_call', name: 'look_up', status: 'completed' },
    ]);
    const stream = client.responses.stream({ model: 'scripted', input: 'What is r5?', tools: [lookUp] });
    const final = await stream.finalResponse();
    const withoutIds = (items: unknown): unknown => JSON.parse(JSON.stringify(items, (key, value: unknown) => (key === 'id' || key === 'call_id' || key === 'parsed' || key === 'parsed_arguments' ? undefined : value)));
    expect(withoutIds(final.output)).toEqual(withoutIds(whole.output));
    const calls = whole.output.flatMap((item) => (item.type === 'function_call' ? [item] : []));
    expect(calls.map((one) => z.object({ word: z.string() }).parse(JSON.parse(one.arguments)).word)).toEqual(['r5', 'rl']);
    const results = calls.map(({ call_id }) => ({ type: 'function_call_output' as const, call_id, output: 'a library' }));
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'What is r5?' }, ...whole.output.filter((item) => item.type !== 'apply_patch_call'), ...results] as OpenAI.Responses.ResponseInput;
    const last = await client.responses.create({ model: 'scripted', input, tools: [lookUp] });
    expect(last.output_text).toBe('A library.');
  });

  test('previous_response_id goes on with the conversation, and items may be named', async () => {
    const model = await scriptedServedModel('hermes', [`${call('r5')}<|im_end|>`, 'A library.<|im_end|>', 'Yes.<|im_end|>']);
    const prompts: string[] = [];
    const { generate } = model.engine;
    model.engine.generate = (request) => {
      prompts.push(model.tokenizer.decode(request.prompt, { specialTokens: 'keep' }));
      return generate(request);
    };
    const client = clientOf(await startServer({ model }));
    const first = await client.responses.create({ model: 'scripted', input: 'What is r5?', instructions: 'Be short.', tools: [lookUp] });
    const [made] = first.output;
    if (made?.type !== 'function_call') throw new Error('a call was scripted');
    const result = { type: 'function_call_output' as const, call_id: made.call_id, output: 'a library' };
    const second = await client.responses.create({ model: 'scripted', previous_response_id: first.id, input: [result], tools: [lookUp] });
    expect(second).toMatchObject({ output_text: 'A library.', previous_response_id: first.id });
    expect(prompts[1]).toContain('a library');
    expect(prompts[1]).toContain('What is r5?');
    expect(prompts[1]).not.toContain('Be short.');
    const [message] = second.output;
    const third = await client.responses.create({ model: 'scripted', input: [{ role: 'user', content: 'One' }, { type: 'item_reference', id: message?.id ?? '' }, { role: 'user', content: 'Sure?' }] });
    expect(third.output_text).toBe('Yes.');
    expect(prompts[2]).toMatch(/One.*A library\..*Sure\?/s);
    expect((await client.responses.retrieve(second.id)).id).toBe(second.id);
  });

  test('what is not stored or not supported is refused by name', async () => {
    const client = await scripted('hermes', 'Yes.<|im_end|>');
    const { id } = await client.responses.create({ model: 'scripted', input: 'a', store: false });
    await expect(client.responses.create({ model: 'scripted', input: 'b', previous_response_id: id })).rejects.toMatchObject({ status: 400, param: 'previous_response_id', code: 'previous_response_not_found' });
    await expect(client.responses.create({ model: 'scripted', input: 'b', background: true })).rejects.toMatchObject({ status: 400, param: 'background' });
    await expect(client.responses.create({ model: 'scripted', input: 'b', tools: [{ type: 'web_search' }] })).rejects.toMatchObject({ status: 400, param: 'tools[0].type' });
    await expect(client.responses.create({ model: 'scripted', input: [{ role: 'user', content: [{ type: 'input_image', detail: 'auto', image_url: 'x' }] }] })).rejects.toMatchObject({ status: 400, param: 'input[0].content[0].type' });
    await expect(client.responses.create({ model: 'scripted' })).rejects.toMatchObject({ status: 400, param: 'input' });
    await expect(client.responses.retrieve('resp_none')).rejects.toMatchObject({ status: 404 });
  });

  test('a failure in the middle of a stream ends it as failed', async () => {
    const model = await scriptedServedModel('hermes', ['one two three four']);
    const { generate } = model.engine;
    model.engine.generate = async (request) => {
      await generate(request);
      throw new Error('out of memory');
    };
    const defects: unknown[] = [];
    const server = await startServer({ model, onDefect: (error) => defects.push(error) });
    const response = await fetch(`${server.url}/v1/responses`, { method: 'POST', body: JSON.stringify({ input: 'a', stream: true }), headers: { 'content-type': 'application/json' } });
    const text = await response.text();
    expect(text).toContain('event: response.failed');
    expect(text).not.toContain('out of memory');
    expect(await post(`${server.url}/v1/responses`, { input: 'a' })).toMatchObject({ status: 500, body: { error: { type: 'server_error' } } });
    expect(defects).toHaveLength(2);
  });
});
