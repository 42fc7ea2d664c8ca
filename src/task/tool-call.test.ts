import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { callTool } from './tool-call.ts';
import { defineTool, type Tool } from './tool.ts';

const add = defineTool({ name: 'add', description: 'Adds.', parameters: z.object({ a: z.number(), b: z.number().default(1) }), run: ({ a, b }) => ({ sum: a + b }) });
const tool = (run: Tool['run'], more: Partial<Tool> = {}): Tool => ({ name: 'it', description: 'Does it.', parameters: z.object({}), run, ...more });

describe('a tool call', () => {
  it('gives a text as it is and anything else as JSON', async () => {
    expect(await callTool([add], { name: 'add', arguments: { a: 2 } })).toMatchObject({ name: 'add', arguments: { a: 2 }, result: '{"sum":3}' });
    expect((await callTool([tool(() => 'as it is')], { name: 'it', arguments: {} })).result).toBe('as it is');
    expect((await callTool([tool(() => undefined)], { name: 'it', arguments: {} })).result).toBe('');
  });

  it('takes arguments as the JSON that the model wrote', async () => {
    expect((await callTool([add], { name: 'add', arguments: '{"a": 1, "b": 5}' })).result).toBe('{"sum":6}');
  });

  it('tells the model what was wrong with its call', async () => {
    const unknown = await callTool([add], { name: 'subtract', arguments: {} });
    expect(unknown).toMatchObject({ error: 'unknown-tool', result: 'Error: there is no tool "subtract"; there is: add' });
    expect(await callTool([add], { name: 'add', arguments: '{"a": 1' })).toMatchObject({ error: 'bad-arguments', result: expect.stringContaining('not JSON') });
    expect(await callTool([add], { name: 'add', arguments: { a: 'two' } })).toMatchObject({ error: 'bad-arguments', result: expect.stringMatching(/^Error: a: .*number/) });
  });

  it('turns what a tool throws into a result, at once or later', async () => {
    const throws = tool(() => { throw new Error('no network'); });
    expect(await callTool([throws], { name: 'it', arguments: {} })).toMatchObject({ error: 'threw', result: 'Error: no network' });
    const rejects = tool(async () => { await delay(1); throw new Error('no luck'); });
    expect(await callTool([rejects], { name: 'it', arguments: {} })).toMatchObject({ error: 'threw', result: 'Error: no luck' });
    const circular: Record<string, unknown> = {};
    circular.itself = circular;
    expect(await callTool([tool(() => circular)], { name: 'it', arguments: {} })).toMatchObject({ error: 'threw' });
  });

  it('ends in time when the tool hangs, and tells the tool', async () => {
    let told = false;
    const hangs = tool((_, { signal }) => new Promise(() => signal.addEventListener('abort', () => { told = true; })), { timeoutMs: 20 });
    const record = await callTool([hangs], { name: 'it', arguments: {} });
    expect(record).toMatchObject({ error: 'timeout', result: 'Error: no result within 0.02 s' });
    expect(record.seconds).toBeLessThan(5);
    expect(told).toBe(true);
  });

  it('ends with the episode', async () => {
    const episode = new AbortController();
    const hanging = callTool([tool(() => new Promise(() => {}))], { name: 'it', arguments: {} }, episode.signal);
    episode.abort();
    expect(await hanging).toMatchObject({ error: 'timeout', result: expect.stringContaining('episode') });
  });

  it('does not mind a tool that fails after its time', async () => {
    const late = tool(async () => { await delay(30); throw new Error('late'); }, { timeoutMs: 5 });
    expect((await callTool([late], { name: 'it', arguments: {} })).error).toBe('timeout');
    // An unhandled rejection would fail this file.
    await delay(50);
  });
});
