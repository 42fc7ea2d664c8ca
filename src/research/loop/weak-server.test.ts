import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type Loopback, serveLoopback } from '../web/loopback.fixture.ts';
import { Budget } from './budget.ts';
import { Journal } from './journal.ts';
import { ModelCaller } from './model-caller.ts';
import { modelFailure } from './model-failure.ts';
import { namedModel } from './named-model.ts';
import { RunCost } from './run-cost.ts';
import { strictSchema } from './strict-schema.ts';
import { answerForm, StructuredModel } from './structured-answer.ts';
import { APICallError } from 'ai';

interface Asked {
  temperature?: number;
  max_tokens: number;
  response_format?: { type: string };
}

let folder = '';
let running: Loopback | undefined;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'r5-weak-'))));
afterEach(async () => {
  await running?.close();
  running = undefined;
  rmSync(folder, { recursive: true, force: true });
});

type Reply = { status: number; message: string } | { text: string; finish?: string; breaks?: boolean };

/** A model of a server that answers as `reply` says, and what it was asked. */
async function weakServer(reply: (asked: Asked, count: number) => Reply): Promise<{ model: StructuredModel; asked: Asked[]; cost: RunCost }> {
  const asked: Asked[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => void (body += part));
    await once(request, 'end');
    const parsed: Asked = JSON.parse(body);
    asked.push(parsed);
    const said = reply(parsed, asked.length);
    if ('status' in said) return void response.writeHead(said.status, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { message: said.message } }));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const chunk = (part: object): boolean => response.write(`data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', ...part })}\n\n`);
    chunk({ choices: [{ index: 0, delta: { content: said.text }, finish_reason: null }] });
    if (said.breaks === true) return void setTimeout(() => response.destroy(), 20);
    chunk({ choices: [{ index: 0, delta: {}, finish_reason: said.finish ?? 'stop' }] });
    chunk({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } });
    response.end('data: [DONE]\n\n');
  };
  running = await serveLoopback((request, response) => void answer(request, response));
  const main = await namedModel(`${running.origin}/v1#m`, { open: () => { throw new Error('no model of r5'); }, isAgent: async () => false });
  const cost = new RunCost();
  const journal = Journal.open(join(folder, 'journal.jsonl'), { onEvent: (event) => cost.add(event) });
  const caller = new ModelCaller({ models: { planner: main, reader: main, writer: main, fallbacks: [] }, prices: {}, journal, budget: new Budget({}, cost), signal: AbortSignal.timeout(20_000), firstRetryMs: 1 });
  return { model: new StructuredModel(caller, journal), asked, cost };
}

const question = {
  role: 'planner', purpose: 'test', system: 's', prompt: 'p',
  forms: [answerForm(z.object({ covered: z.boolean() }), '{"covered": true}', ({ covered }) => covered)],
} as const;

test('a server that refuses a schema, with whatever status, is asked without, and no more with one', async () => {
  for (const status of [400, 422, 500]) {
    const { model, asked } = await weakServer(({ response_format: format }) => (format === undefined ? { text: '{"covered": true}' } : { status, message: 'response_format is not supported' }));
    expect(await model.ask(question)).toBe(true);
    expect(await model.ask({ ...question, prompt: 'again' })).toBe(true);
    expect(asked.at(-1)?.response_format).toBeUndefined();
    expect(asked.length).toBeLessThanOrEqual(4);
    await running?.close();
  }
});

test('a model that takes no temperature is asked without, and keeps its schema', async () => {
  const { model, asked } = await weakServer(({ temperature }) => (temperature === undefined ? { text: '{"covered": true}' } : { status: 400, message: "Unsupported value: 'temperature' does not support 0 with this model." }));
  expect(await model.ask(question)).toBe(true);
  expect(asked).toMatchObject([{ temperature: 0 }, { response_format: { type: 'json_schema' } }]);
  expect(asked).toHaveLength(2);
});

test('an answer that was cut off for its length may be longer the next time', async () => {
  const { model, asked } = await weakServer(({ max_tokens: most }) => (most > 5000 ? { text: '{"covered": true}' } : { text: '<think>hm, ', finish: 'length' }));
  expect(await model.ask(question)).toBe(true);
  expect(asked.map(({ max_tokens: most }) => most)).toEqual([2048, 8192]);
});

test('where the model cannot write as much, it is asked again for what it can', async () => {
  const { model, asked } = await weakServer(({ max_tokens: most }, count) => (most > 5000 ? { status: 400, message: 'max_tokens is too large' } : count < 4 ? { text: '{', finish: 'length' } : { text: '{"covered": false}' }));
  expect(await model.ask({ ...question, forms: [question.forms[0], question.forms[0]] })).toBe(false);
  expect(asked.at(-1)?.max_tokens).toBe(2048);
});

test('a stream that breaks off is tried again, and what it cost is counted', async () => {
  const { model, cost } = await weakServer((_, count) => (count === 1 ? { text: `{"covered": true, "why": "${'x'.repeat(300)}`, breaks: true } : { text: '{"covered": true}' }));
  expect(await model.ask(question)).toBe(true);
  expect(cost.models).toMatchObject([{ calls: 1, outputTokens: 5 + Math.ceil(326 / 3) }]);
});

test('what is said after the JSON is not taken for it', async () => {
  const { model, asked } = await weakServer(() => ({ text: 'Sure {as asked}: {"covered": true}\n\nSee also [1].' }));
  expect(await model.ask(question)).toBe(true);
  expect(asked).toHaveLength(1);
});

test.each([
  ['Rate limit reached. Please try again in 7.66s.', 'rate-limited', 7660],
  ['You exceeded your current quota, please check your plan and billing details. Please retry in 34s.', 'rate-limited', 34_000],
  ['You exceeded your current quota, please check your plan and billing details.', 'quota', undefined],
  ['insufficient_quota: try again in 5s', 'quota', 5000],
])('429 with "%s" is %s', (message, kind, wait) => {
  const error = new APICallError({ message, url: 'http://x', requestBodyValues: {}, statusCode: 429, responseHeaders: {}, responseBody: '' });
  expect(modelFailure(error, 'm')).toMatchObject({ kind, ...(wait === undefined ? {} : { retryAfterMs: wait }) });
});

test('a strict schema requires all, allows nothing else and names no default', () => {
  const schema = z.toJSONSchema(z.object({ notes: z.array(z.object({ quote: z.string(), note: z.string().default('') })) }), { io: 'input' });
  expect(strictSchema(schema as Parameters<typeof strictSchema>[0])).toEqual({
    type: 'object', additionalProperties: false, required: ['notes'],
    properties: { notes: { type: 'array', items: { type: 'object', additionalProperties: false, required: ['quote', 'note'], properties: { quote: { type: 'string' }, note: { type: 'string' } } } } },
  });
});
