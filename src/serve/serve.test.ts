import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateText, streamText } from 'ai';
import { BadRequestError, type OpenAI } from 'openai';
import { describe, expect, test } from 'vitest';
import { clientOf, CONTEXT, metric, startServer, tinyModelForFile } from './serve.fixture.ts';

const tiny = tinyModelForFile();
const start = async (): Promise<{ client: OpenAI; url: string }> => {
  const server = await startServer({ model: tiny.model });
  return { client: clientOf(server), url: server.url };
};
const ask = { model: 'tiny', messages: [{ role: 'user' as const, content: 'What is the answer?' }], max_tokens: 24 };

describe('chat completions, by OpenAI’s client', () => {
  test('whole and streamed answers are the same, and the engine’s own', async () => {
    const { client } = await start();
    const whole = await client.chat.completions.create({ ...ask, seed: 5 });
    const [choice] = whole.choices;
    expect(whole).toMatchObject({ object: 'chat.completion', model: 'tiny', choices: [{ index: 0, finish_reason: 'length', logprobs: null, message: { role: 'assistant', refusal: null } }] });
    expect(whole.usage).toMatchObject({ completion_tokens: 24, total_tokens: 24 + (whole.usage?.prompt_tokens ?? 0) });
    const stream = await client.chat.completions.create({ ...ask, seed: 5, stream: true, stream_options: { include_usage: true } });
    let text = '';
    const ends: unknown[] = [];
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      ends.push(chunk.choices[0]?.finish_reason, chunk.usage?.completion_tokens);
    }
    expect(text).toBe(choice?.message.content);
    expect(ends.slice(-4)).toEqual(['length', undefined, undefined, 24]);
    const direct = await tiny.model.chat.complete({ messages: ask.messages, sampling: { seed: 5, maxTokens: 24 } });
    expect(direct.message.content).toBe(text);
  });

  test('without stream_options there is no usage', async () => {
    const { client } = await start();
    const stream = await client.chat.completions.create({ ...ask, stream: true });
    for await (const chunk of stream) expect(chunk.usage).toBeUndefined();
  });

  test('a seed repeats, choices differ, and the first of them is the single one', async () => {
    const { client } = await start();
    const texts = async (more: object): Promise<(string | null)[]> => (await client.chat.completions.create({ ...ask, ...more })).choices.map((choice) => choice.message.content);
    const [single] = await texts({ seed: 1 });
    const three = await texts({ seed: 1, n: 3 });
    expect(three).toHaveLength(3);
    expect(three[0]).toBe(single);
    expect(new Set(three).size).toBe(3);
    expect(await texts({ seed: 2 })).not.toEqual([single]);
    expect(await texts({})).not.toEqual(await texts({}));
    const greedy = await texts({ temperature: 0, n: 2 });
    expect(greedy[0]).toBe(greedy[1]);
  });

  test('choices of a stream come side by side, each whole', async () => {
    const { client } = await start();
    const whole = await client.chat.completions.create({ ...ask, seed: 9, n: 3 });
    const stream = await client.chat.completions.create({ ...ask, seed: 9, n: 3, stream: true, stream_options: { include_usage: true } });
    const texts = ['', '', ''];
    const reasons: unknown[] = [];
    const usage: unknown[] = [];
    for await (const chunk of stream) {
      usage.push(...(chunk.usage ? [chunk.usage] : []));
      for (const { index, delta, finish_reason: reason } of chunk.choices) {
        texts[index] += delta.content ?? '';
        if (reason) reasons[index] = reason;
      }
    }
    expect(texts).toEqual(whole.choices.map((choice) => choice.message.content));
    expect(reasons).toEqual(['length', 'length', 'length']);
    expect(usage).toMatchObject([{ completion_tokens: 72, prompt_tokens: whole.usage?.prompt_tokens }]);
  });

  test('a stop string ends the answer and is no part of it', async () => {
    const { client } = await start();
    const { choices } = await client.chat.completions.create({ ...ask, seed: 5 });
    const text = choices[0]?.message.content ?? '';
    const stop = text.slice(10, 13);
    const cut = await client.chat.completions.create({ ...ask, seed: 5, stop });
    expect(cut.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: text.slice(0, text.indexOf(stop)) } });
    const stream = await client.chat.completions.create({ ...ask, seed: 5, stop: [stop, 'never'], stream: true });
    let streamed = '';
    for await (const chunk of stream) streamed += chunk.choices[0]?.delta.content ?? '';
    expect(streamed).toBe(cut.choices[0]?.message.content);
  });

  test('log-probabilities: one a token, the likeliest beside it, streamed alike', async () => {
    const { client } = await start();
    const { choices } = await client.chat.completions.create({ ...ask, temperature: 0, logprobs: true, top_logprobs: 3 });
    const shown = choices[0]?.logprobs?.content ?? [];
    expect(shown.map(({ token }) => token).join('')).toBe(choices[0]?.message.content);
    for (const { token, logprob, bytes, top_logprobs: top } of shown) {
      expect(top).toHaveLength(3);
      expect(top[0]).toMatchObject({ token, bytes });
      expect(top[0]?.logprob).toBeCloseTo(logprob, 4);
      expect(logprob).toBeLessThanOrEqual(0);
    }
    const stream = await client.chat.completions.create({ ...ask, temperature: 0, logprobs: true, top_logprobs: 3, stream: true });
    const streamed: unknown[] = [];
    for await (const chunk of stream) streamed.push(...(chunk.choices[0]?.logprobs?.content ?? []));
    expect(streamed.map((one) => JSON.stringify(one).slice(0, 20))).toEqual(shown.map((one) => JSON.stringify(one).slice(0, 20)));
  });

  test('a conversation that goes on is read from the prefix cache', async () => {
    const { client, url } = await start();
    const long = { role: 'user' as const, content: 'the answer is the number that the other numbers reach '.repeat(3) };
    const first = await client.chat.completions.create({ ...ask, messages: [long], seed: 1 });
    const again = await client.chat.completions.create({ ...ask, messages: [long, { role: 'assistant', content: 'Yes.' }, { role: 'user', content: 'And then?' }], seed: 1 });
    const cached = again.usage?.prompt_tokens_details?.cached_tokens ?? 0;
    expect(cached).toBeGreaterThan((first.usage?.prompt_tokens ?? Infinity) * 0.8);
    expect(cached).toBeLessThan(again.usage?.prompt_tokens ?? 0);
    expect(await metric({ url }, 'r5_cached_prompt_tokens_total')).toBeGreaterThanOrEqual(cached);
    expect(await metric({ url }, 'r5_completion_tokens_total')).toBe((first.usage?.completion_tokens ?? 0) + (again.usage?.completion_tokens ?? 0));
    expect(await metric({ url }, 'r5_requests_total{route="/v1/chat/completions",status="200"}')).toBe(2);
    expect(await metric({ url }, 'r5_first_token_seconds_count')).toBe(2);
    expect(await metric({ url }, 'r5_tokens_per_second_count')).toBe(2);
  });

  test('a conversation beyond the context is refused as OpenAI refuses it', async () => {
    const { client } = await start();
    const failure = await client.chat.completions.create({ ...ask, messages: [{ role: 'user', content: 'word '.repeat(CONTEXT) }] }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(BadRequestError);
    expect(failure).toMatchObject({ status: 400, code: 'context_length_exceeded', param: 'messages', type: 'invalid_request_error' });
  });

  test('models', async () => {
    const { client } = await start();
    expect((await client.models.list()).data).toMatchObject([{ id: 'tiny', object: 'model', owned_by: 'r5' }]);
    expect(await client.models.retrieve('tiny')).toMatchObject({ id: 'tiny' });
    await expect(client.models.retrieve('gpt-4o')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
    await expect(client.embeddings.create({ model: 'tiny', input: 'a' })).rejects.toMatchObject({ status: 400, code: 'unsupported_endpoint' });
  });
});

describe('completions', () => {
  const text = { model: 'tiny', prompt: 'the answer is', max_tokens: 12, seed: 3 };

  test('texts and token ids, several prompts, choices of each', async () => {
    const { client } = await start();
    const single = await client.completions.create(text);
    const ids = tiny.model.tokenizer.encode(text.prompt);
    const begin = tiny.model.tokenizer.addsBeginToken ? [tiny.model.tokenizer.beginToken ?? 0] : [];
    expect((await client.completions.create({ ...text, prompt: [...begin, ...ids] })).choices[0]?.text).toBe(single.choices[0]?.text);
    const many = await client.completions.create({ ...text, prompt: [text.prompt, 'then the end'], n: 2 });
    expect(many.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(many.choices[0]?.text).toBe(single.choices[0]?.text);
    expect(many.usage).toMatchObject({ completion_tokens: many.choices.length * 12 });
    const other = await client.completions.create({ ...text, prompt: 'then the end' });
    expect(many.choices[2]?.text).toBe(other.choices[0]?.text);
    expect(many.usage?.prompt_tokens).toBe((single.usage?.prompt_tokens ?? 0) + (other.usage?.prompt_tokens ?? 0));
  });

  test('streams, with log-probabilities in the old form', async () => {
    const { client } = await start();
    const whole = await client.completions.create({ ...text, logprobs: 2 });
    const [choice] = whole.choices;
    expect(choice?.logprobs?.tokens).toHaveLength(12);
    expect(Object.keys(choice?.logprobs?.top_logprobs?.[0] ?? {})).toHaveLength(2);
    expect(choice?.logprobs?.text_offset?.[0]).toBe(0);
    const stream = await client.completions.create({ ...text, logprobs: 2, stream: true, stream_options: { include_usage: true } });
    let streamed = '';
    const offsets: number[] = [];
    let usage: unknown;
    for await (const chunk of stream) {
      streamed += chunk.choices[0]?.text ?? '';
      offsets.push(...(chunk.choices[0]?.logprobs?.text_offset ?? []));
      usage = chunk.usage;
    }
    expect(streamed).toBe(choice?.text);
    expect(offsets).toEqual(choice?.logprobs?.text_offset);
    expect(usage).toEqual(whole.usage);
  });

  test('a prompt beyond the context', async () => {
    const { client } = await start();
    await expect(client.completions.create({ ...text, prompt: 'word '.repeat(CONTEXT) })).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded', param: 'prompt' });
    await expect(client.completions.create({ ...text, prompt: [1, 99999] })).rejects.toMatchObject({ status: 400, param: 'prompt' });
  });
});

describe('the AI SDK', () => {
  test('generates and streams the same text, with usage', async () => {
    const { url } = await start();
    const model = createOpenAICompatible({ name: 'r5', baseURL: `${url}/v1`, includeUsage: true })('tiny');
    const settings = { model, prompt: 'What is the answer?', maxOutputTokens: 24, seed: 5, maxRetries: 0 };
    const whole = await generateText(settings);
    expect(whole.finishReason).toBe('length');
    expect(whole.usage.outputTokens).toBe(24);
    const streamed = streamText(settings);
    let text = '';
    for await (const piece of streamed.textStream) text += piece;
    expect(text).toBe(whole.text);
    expect((await streamed.usage).outputTokens).toBe(24);
  });
});
