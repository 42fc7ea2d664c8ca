import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { honestBrain, pages, startWorld, type World } from '../research/loop/scripted-world.fixture.ts';
import { testFolder } from '../run/test-folder.ts';
import { CHILD_TIMEOUT_MS, lastJson, mainFile, runR5 } from './child-process.fixture.ts';

async function folderAndWorld(): Promise<{ world: World; cwd: string; words: string[] }> {
  const world = await startWorld({ brain: honestBrain });
  onTestFinished(() => world.close());
  const cwd = testFolder();
  mkdirSync(join(cwd, 'documents'));
  for (const [name, text] of Object.entries(pages)) writeFileSync(join(cwd, 'documents', `${name.slice(1)}.txt`), text);
  return { world, cwd, words: ['--model', `${world.url}/v1#scripted`, '--sources', 'documents'] };
}

const question = 'When did the bridge open, and how high is it?';
const patience = { timeout: CHILD_TIMEOUT_MS };
const ended = z.looseObject({ outcome: z.string(), run: z.looseObject({ id: z.string() }) });

test('r5 mcp: spoken to over its pipes by a client that starts it; its runs are those of r5 research', { timeout: CHILD_TIMEOUT_MS }, async () => {
  const { cwd, words } = await folderAndWorld();
  const transport = new StdioClientTransport({ command: process.execPath, args: [mainFile, 'mcp', ...words], cwd, stderr: 'pipe' });
  const lost: Error[] = [];
  const client = new Client({ name: 'test', version: '1' });
  // oxlint-disable-next-line prefer-add-event-listener -- the client has no other way to tell
  client.onerror = (error) => lost.push(error);
  await client.connect(transport, patience);
  const text = async (name: string, input: Record<string, unknown>): Promise<string> => JSON.stringify(await client.callTool({ name, arguments: input }, undefined, patience));
  const found = await text('search', { query: 'harbour bridge height' });
  expect(found).toContain('height.txt');
  const [, url = ''] = /(file:\S+height\.txt)/.exec(found) ?? [];
  expect(await text('read', { url })).toContain('rises by 18 centimetres');
  const { structuredContent } = await client.callTool({ name: 'research', arguments: { question } }, undefined, patience);
  const { outcome, run } = ended.parse(structuredContent);
  expect(outcome).toBe('complete');
  // A line on stdout that is no message would have come here.
  expect(lost).toEqual([]);
  await client.close();
  const resumed = await runR5(['research', 'resume', run.id, '--json'], { cwd });
  expect(lastJson(resumed.stdout)).toMatchObject({ id: run.id, outcome: 'complete' });
  const wrong = await runR5(['mcp', '--model', 'r5-tiny-research', '--sources', 'wikpedia'], { cwd });
  expect([wrong.code, wrong.stdout, wrong.stderr]).toEqual([1, '', expect.stringContaining('Did you mean wikipedia')]);
});

test('r5 research serve: answers, says how to call it, and ends with 0 on SIGTERM', { timeout: CHILD_TIMEOUT_MS }, async () => {
  const { cwd, words } = await folderAndWorld();
  const child = spawn(process.execPath, [mainFile, 'research', 'serve', ...words, '--port', '0', '--api-key', 'secret', '--json'], { cwd });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exit = once(child, 'exit');
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  const { url } = z.object({ url: z.string() }).parse(lastJson(z.string().parse(line)));
  expect(stderr).toContain(`curl -N ${url}/v1/chat/completions`);
  const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: 'Bearer secret' }, body: JSON.stringify({ messages: [{ role: 'user', content: question }] }) });
  expect(await response.json()).toMatchObject({ r5: { outcome: 'complete', run: response.headers.get('x-r5-run') }, choices: [{ message: { content: expect.stringContaining('19 March 1932') } }] });
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});
