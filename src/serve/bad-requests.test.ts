import { createConnection } from 'node:net';
import { APIUserAbortError, AuthenticationError } from 'openai';
import { describe, expect, test } from 'vitest';
import { clientOf, metric, post, rawRequest, startServer, tinyModelForFile, until } from './serve.fixture.ts';
import type { RunningServer } from './http-server.ts';
import type { ServeOptions } from './serve.ts';

const tiny = tinyModelForFile();
const start = (options: Partial<ServeOptions> = {}): Promise<RunningServer> => startServer({ model: tiny.model, ...options });
const messages = [{ role: 'user' as const, content: 'Hello' }];

/** The server still answers. */
async function works(server: RunningServer, key?: string): Promise<void> {
  const { choices } = await clientOf(server, key).chat.completions.create({ model: 'tiny', messages, max_tokens: 2 });
  expect(choices).toHaveLength(1);
}

describe('parameters', () => {
  test.each<[string, object, number, string | null]>([
    ['no messages', { messages: [] }, 400, 'messages'],
    ['messages left out', {}, 400, 'messages'],
    ['a role that there is not', { messages: [{ role: 'robot', content: 'a' }] }, 400, 'messages[0].role'],
    ['a user without content', { messages: [{ role: 'user' }] }, 400, 'messages[0].content'],
    ['an image', { messages: [...messages, { role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'image_url', image_url: { url: 'x' } }] }] }, 400, 'messages[1].content[1].type'],
    ['a tool result without its call', { messages: [{ role: 'tool', content: 'a' }] }, 400, 'messages[0].tool_call_id'],
    ['a temperature beyond the range', { messages, temperature: 3 }, 400, 'temperature'],
    ['a text for a number', { messages, max_tokens: '5' }, 400, 'max_tokens'],
    ['no tokens', { messages, max_tokens: 0 }, 400, 'max_tokens'],
    ['more choices than the server gives', { messages, n: 1000 }, 400, 'n'],
    ['an empty stop string', { messages, stop: '' }, 400, 'stop'],
    ['alternatives without log-probabilities', { messages, top_logprobs: 2 }, 400, 'top_logprobs'],
    ['too many alternatives', { messages, logprobs: true, top_logprobs: 21 }, 400, 'top_logprobs'],
    ['an unknown parameter', { messages, repetition_penalty: 1.1 }, 400, 'repetition_penalty'],
    ['a penalty', { messages, frequency_penalty: 0.5 }, 400, 'frequency_penalty'],
    ['a bias', { messages, logit_bias: { '5': 1 } }, 400, 'logit_bias'],
    ['the old functions', { messages, functions: [] }, 400, 'functions'],
    ['a tool of another type', { messages, tools: [{ type: 'custom', custom: { name: 'a' } }] }, 400, 'tools[0].type'],
    ['a bad name of a tool', { messages, tools: [{ type: 'function', function: { name: 'a b' } }] }, 400, 'tools[0].function.name'],
    ['two tools of one name', { messages, tools: [1, 2].map(() => ({ type: 'function', function: { name: 'a' } })) }, 400, 'tools'],
    ['a choice of a tool that there is not', { messages, tools: [{ type: 'function', function: { name: 'a' } }], tool_choice: { type: 'function', function: { name: 'b' } } }, 400, 'tool_choice'],
    ['a tool required without tools', { messages, tool_choice: 'required' }, 400, 'tool_choice'],
    ['a format that there is not', { messages, response_format: { type: 'xml' } }, 400, 'response_format.type'],
    ['a format without its schema', { messages, response_format: { type: 'json_schema', json_schema: { name: 'a' } } }, 400, 'response_format.json_schema.schema'],
    ['another model', { messages, model: 'gpt-4o' }, 404, 'model'],
  ])('%s', async (_, body, status, param) => {
    const answer = await post(`${(await start()).url}/v1/chat/completions`, body);
    expect(answer).toMatchObject({ status, body: { error: { type: 'invalid_request_error', param, message: expect.any(String) } } });
  });

  test('a prompt left out is said to be missing', async () => {
    const answer = await post(`${(await start()).url}/v1/completions`, {});
    expect(answer).toMatchObject({ status: 400, body: { error: { param: 'prompt', message: expect.stringContaining('missing') } } });
  });

  test('what changes nothing is let through, null is as good as left out', async () => {
    const { url } = await start();
    const harmless = { user: 'me', metadata: { a: 'b' }, store: true, service_tier: 'auto', prompt_cache_key: 'k', seed: null, stop: null, frequency_penalty: 0, logit_bias: {}, modalities: ['text'], tools: [], tool_choice: 'auto', n: 1 };
    expect((await post(`${url}/v1/chat/completions`, { messages, max_tokens: 2, ...harmless })).status).toBe(200);
  });

  test('the limit on tokens holds for those who ask for more, and for those who do not say', async () => {
    const { url } = await start({ limits: { maxTokens: 5 } });
    expect(await post(`${url}/v1/chat/completions`, { messages, max_tokens: 6 })).toMatchObject({ status: 400, body: { error: { param: 'max_tokens' } } });
    expect(await post(`${url}/v1/chat/completions`, { messages, seed: 5 })).toMatchObject({ status: 200, body: { usage: { completion_tokens: 5 } } });
  });
});

describe('bodies and addresses', () => {
  test.each<[string, string, number]>([
    ['no JSON', '{"messages": [', 400],
    ['no object', '[1]', 400],
    ['nothing', '', 400],
    ['nested without end', `{"a":${'['.repeat(100_000)}`, 400],
    ['larger than allowed', JSON.stringify({ messages: [{ role: 'user', content: 'x'.repeat(300_000) }] }), 413],
  ])('%s', async (_, body, status) => {
    const server = await start({ limits: { bodyBytes: 200_000 } });
    expect(await post(`${server.url}/v1/chat/completions`, body)).toMatchObject({ status, body: { error: { type: 'invalid_request_error' } } });
    await works(server);
  });

  test('bytes that are no UTF-8, and a type that is no JSON', async () => {
    const server = await start();
    const url = `${server.url}/v1/chat/completions`;
    const bytes = await fetch(url, { method: 'POST', body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]), headers: { 'content-type': 'application/json' } });
    expect(bytes.status).toBe(400);
    expect(await post(url, { messages }, { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
  });

  test('a body in chunks is cut off where it becomes too large', async () => {
    const server = await start({ limits: { bodyBytes: 1000 } });
    const chunk = `200\r\n${'x'.repeat(512)}\r\n`;
    const head = 'POST /v1/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(await rawRequest(server, [head, ...Array.from({ length: 10 }, () => chunk)], 2)).toMatch(/^HTTP\/1\.1 413 /);
    await works(server);
  });

  test('unknown addresses and methods', async () => {
    const { url } = await start();
    expect(await post(`${url}/v1/nothing`, {})).toMatchObject({ status: 404, body: { error: { code: 'unknown_url' } } });
    const wrong = await fetch(`${url}/v1/chat/completions`);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('what is no HTTP, and headers that are too large', async () => {
    const server = await start();
    expect(await rawRequest(server, ['nonsense\r\n\r\n'])).toMatch(/^HTTP\/1\.1 400 .*\r\n\r\n\{"error":/s);
    expect(await rawRequest(server, [`GET /health HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`])).toMatch(/^HTTP\/1\.1 431 /);
    await works(server);
  });

  test('headers and bodies that dribble in', async () => {
    const server = await start({ limits: { headersTimeoutMs: 200, requestTimeoutMs: 400 } });
    const slowHeaders = rawRequest(server, ['POST /v1/completions HTTP/1.1\r\n', ...Array.from({ length: 30 }, (_, i) => `X-${i}: a\r\n`)], 50);
    const slowBody = rawRequest(server, ['POST /v1/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n', ...Array.from({ length: 60 }, () => ' ')], 50);
    const silent = rawRequest(server, []);
    await works(server);
    expect(await slowHeaders).toMatch(/^HTTP\/1\.1 408 .*request_timeout/s);
    expect(await slowBody).toMatch(/^HTTP\/1\.1 408 /);
    expect(await silent).toMatch(/^(HTTP\/1\.1 408 .*)?$/s);
    await works(server);
  });
});

describe('limits', () => {
  const long = { model: 'tiny', messages, max_tokens: 900, temperature: 0, stream: true as const };

  test('a client that hangs up frees its row', async () => {
    const server = await start();
    const stream = await clientOf(server).chat.completions.create(long);
    for await (const _ of stream) break;
    const hanging = new AbortController();
    const whole = clientOf(server).chat.completions.create({ ...long, stream: false }, { signal: hanging.signal }).catch((error: unknown) => error);
    await until(async () => (await metric(server, 'r5_rows_busy')) === 1, 'the row is taken');
    hanging.abort();
    expect(await whole).toBeInstanceOf(APIUserAbortError);
    await until(async () => (await metric(server, 'r5_rows_busy')) === 0, 'the row is free');
    expect(await metric(server, 'r5_completion_tokens_total')).toBeLessThan(1800);
    await works(server);
  });

  test('beyond the queue requests are turned away with the time to wait, and those who wait are answered', async () => {
    const server = await start({ limits: { concurrent: 1, queue: 1 } });
    const client = clientOf(server);
    const running = await client.chat.completions.create({ ...long, max_tokens: 500 });
    const waiting = client.chat.completions.create({ ...long, stream: false, max_tokens: 3 });
    await until(async () => (await metric(server, 'r5_queue_length')) === 1, 'one waits');
    const refused = await post(`${server.url}/v1/chat/completions`, { messages });
    expect(refused).toMatchObject({ status: 429, body: { error: { type: 'rate_limit_error', code: 'server_busy' } } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    for await (const _ of running);
    expect((await waiting).usage?.completion_tokens).toBe(3);
  });

  test('who hangs up while waiting leaves the queue', async () => {
    const server = await start({ limits: { concurrent: 1, queue: 1 } });
    const running = await clientOf(server).chat.completions.create(long);
    const hanging = new AbortController();
    const waiting = clientOf(server).chat.completions.create(long, { signal: hanging.signal }).catch((error: unknown) => error);
    await until(async () => (await metric(server, 'r5_queue_length')) === 1, 'one waits');
    hanging.abort();
    await waiting;
    await until(async () => (await metric(server, 'r5_queue_length')) === 0, 'none waits');
    running.controller.abort();
    await until(async () => (await metric(server, 'r5_rows_busy')) === 0, 'the row is free');
  });

  test('a client that does not read is cut off', async () => {
    const server = await start({ limits: { stallTimeoutMs: 300 } });
    const body = JSON.stringify({ ...long, messages, n: 16, logprobs: true, top_logprobs: 20 });
    const socket = createConnection(server.port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.on('error', resolve).on('close', resolve));
    socket.write(`POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    socket.pause();
    await until(async () => (await metric(server, 'r5_rows_busy')) > 0, 'it is being written');
    await until(async () => (await metric(server, 'r5_rows_busy')) === 0, 'the rows are free');
    await new Promise((resolve) => setTimeout(resolve, 600));
    // What had been sent before is still read; then comes the end.
    socket.resume();
    await closed;
    await works(server);
  });
});

describe('API keys', () => {
  test('one of the keys opens, anything else is a 401 as OpenAI words it', async () => {
    const server = await start({ apiKeys: ['key-one', 'key-two'] });
    await works(server, 'key-one');
    await works(server, 'key-two');
    const refused = await clientOf(server, 'key-three').models.list().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AuthenticationError);
    expect(refused).toMatchObject({ status: 401, code: 'invalid_api_key' });
    expect((await post(`${server.url}/v1/chat/completions`, { messages })).status).toBe(401);
    expect((await fetch(`${server.url}/metrics`)).status).toBe(401);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  });
});

describe('pages in browsers', () => {
  const preflight = (url: string, origin: string): Promise<Response> =>
    fetch(`${url}/v1/chat/completions`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,authorization' } });

  test('are kept out unless their origin is named', async () => {
    const closed = await start();
    expect((await preflight(closed.url, 'https://page.test')).headers.get('access-control-allow-origin')).toBeNull();
    const open = await start({ corsOrigins: ['https://page.test'], apiKeys: ['key'] });
    const allowed = await preflight(open.url, 'https://page.test');
    expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([204, 'https://page.test']);
    expect((await preflight(open.url, 'https://other.test')).headers.get('access-control-allow-origin')).toBeNull();
  });
});
