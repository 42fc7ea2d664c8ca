import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { testFolder } from '../engine/local/tiny-engine.fixture.ts';
import { writeTinyChatModel } from '../train/tiny-chat-model.fixture.ts';
import { CHILD_TIMEOUT_MS, lastJson, runR5 } from './child-process.fixture.ts';

const words = fileURLToPath(new URL('words-task.fixture.ts', import.meta.url));

describe('a task with tools', { timeout: CHILD_TIMEOUT_MS }, () => {
  test('is validated with the calls of its solutions', async () => {
    const done = await runR5(['validate', words], { cwd: testFolder() });
    expect(done).toMatchObject({ code: 0, stdout: expect.stringMatching(/checked 6 rows: 6 solutions, 6 tool calls, \d+ corrupted answers/) });
  });

  test('is trained on, evaluated and sampled as episodes', async () => {
    const cwd = testFolder();
    const model = ['--model', await writeTinyChatModel(), '--threads', '1'];
    const trained = await runR5(['train', words, ...model, '--steps', '2', '--prompts', '2', '--group-size', '4', '--truncated', 'keep', '--final-rows', '2', '--json'], { cwd });
    expect(trained).toMatchObject({ code: 0 });
    expect(lastJson(trained.stdout)).toMatchObject({ task: 'words', steps: 2, finished: true });

    const evaluated = await runR5(['eval', words, ...model, '--no-tools', '--json'], { cwd });
    expect(lastJson(evaluated.stdout)).toMatchObject({ n: 2, accuracy: 0, tools: false });

    const sampled = await runR5(['sample', '--task', words, ...model, '--row', '1', '--count', '2', '--json'], { cwd });
    expect(lastJson(sampled.stdout)).toMatchObject({
      prompt: 'How many letters has eleven?',
      completions: [{ messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user' }, { role: 'assistant' }], score: { verdict: 'wrong' } }, {}],
    });
  });

  test('is refused for a model that knows no tools', async () => {
    const done = await runR5(['eval', words, '--model', 'r5-tiny', '--rows', '1'], { cwd: testFolder() });
    expect(done.code).toBe(1);
    expect(done.stderr).toContain('The model r5-tiny has no chat template');
  });
});
