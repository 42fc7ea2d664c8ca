import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { OpenAI } from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { writeTinyChatModel } from '../serve/serve.fixture.ts';
import { CHILD_TIMEOUT_MS, lastJson, mainFile, runR5 } from './child-process.fixture.ts';

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'r5-serve-cli-'));
  await writeTinyChatModel(join(folder, 'model'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Serving {
  child: ChildProcess;
  url: string;
  stderr: () => string;
  ended: Promise<number | null>;
}

async function startServing(...words: string[]): Promise<Serving> {
  const child = spawn(process.execPath, [mainFile, 'serve', join(folder, 'model'), '--port', '0', '--threads', '1', '--json', ...words], { cwd: folder });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'exit').then(([code]) => z.number().nullable().parse(code));
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  const { url } = z.object({ url: z.string() }).parse(lastJson(z.string().parse(line)));
  return { child, url, stderr: () => stderr, ended };
}

const request = { model: 'model', messages: [{ role: 'user' as const, content: 'Hello' }], temperature: 0, stream: true as const };

test('says what is served; on SIGTERM lets those end that run, takes no more, and exits with 0', async () => {
  const { child, url, stderr, ended } = await startServing('--api-key', 'secret');
  expect(stderr()).toMatch(/model is served at http:\/\/127\.0\.0\.1:\d+\/v1/);
  expect(stderr()).toMatch(/curl .*Authorization: Bearer/);
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'secret', maxRetries: 0 });
  const stream = await client.chat.completions.create({ ...request, max_tokens: 400 });
  child.kill('SIGTERM');
  let reason: string | null = null;
  let refused: unknown;
  for await (const { choices } of stream) {
    refused ??= await client.models.list().catch((error: unknown) => error);
    reason = choices[0]?.finish_reason ?? reason;
  }
  expect(refused).toBeInstanceOf(Error);
  expect(reason).toBe('length');
  expect(await ended).toBe(0);
}, CHILD_TIMEOUT_MS);

test('cuts off what takes longer than the grace, and says so in the stream', async () => {
  const { child, url, ended } = await startServing('--grace', '0');
  const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify({ ...request, max_tokens: 1000, n: 8, temperature: 1 }), headers: { 'content-type': 'application/json' } });
  child.kill('SIGINT');
  const text = await response.text();
  expect(text).toContain('"code":"server_stopping"');
  expect(text).not.toContain('[DONE]');
  expect(await ended).toBe(0);
}, CHILD_TIMEOUT_MS);

test('what cannot be served', async () => {
  writeFileSync(join(folder, 'empty.txt'), '\n');
  const [noKeys, noModel] = await Promise.all([
    runR5(['serve', 'model', '--api-key-file', 'empty.txt'], { cwd: folder }),
    runR5(['serve', './nothing'], { cwd: folder }),
  ]);
  expect([noKeys.code, noKeys.stderr]).toEqual([1, expect.stringContaining('empty.txt holds no key')]);
  expect([noModel.code, noModel.stderr]).toEqual([1, expect.stringContaining("There is no model './nothing'")]);
}, CHILD_TIMEOUT_MS);
