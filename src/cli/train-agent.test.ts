import { fork } from 'node:child_process';
import { createServer } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { testFolder } from '../engine/local/tiny-engine.fixture.ts';
import { writeTinyChatModel } from '../serve/serve.fixture.ts';
import { CHILD_TIMEOUT_MS, lastJson, runR5 } from './child-process.fixture.ts';

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

test('trains on rows of a file with an agent in another process', async () => {
  const cwd = testFolder();
  await writeTinyChatModel(join(cwd, 'model'));
  writeFileSync(join(cwd, 'rows.jsonl'), ['one', 'two', 'three'].map((ask) => `${JSON.stringify({ ask })}\n`).join(''));
  const port = await freePort();
  const agent = fork(join(import.meta.dirname, '../train/remote-agent.fixture.ts'), [`http://127.0.0.1:${port}`, '--wait']);
  onTestFinished(() => void agent.kill());
  const words = ['train-agent', 'rows.jsonl', '--model', './model', '--port', String(port), '--name', 'elsewhere', '--steps', '1', '--prompts', '2', '--group-size', '4', '--max-tokens', '24', '--truncated', 'keep', '--threads', '1', '--json'];
  const { code, stdout, stderr } = await runR5(words, { cwd });
  expect([code, lastJson(stdout)]).toEqual([0, expect.objectContaining({ task: 'elsewhere', steps: 1, finished: true })]);
  expect(stderr).toContain(`POST http://127.0.0.1:${port}/episodes`);
}, CHILD_TIMEOUT_MS);
