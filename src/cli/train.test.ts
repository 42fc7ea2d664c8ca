import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { CHILD_TIMEOUT_MS, lastJson, runR5, shortRun, workFolder, writeTask } from './child-process.fixture.ts';

const folder = workFolder();
const measured = z.object({ accuracy: z.number(), meanLength: z.number(), interval: z.tuple([z.number(), z.number()]) });
const trainResult = z.object({
  task: z.string(), seed: z.number(), heldOut: z.number(), before: measured, after: measured.nullable(), trainSeconds: z.number().positive(),
  steps: z.number(), run: z.string(), finished: z.boolean(),
});

describe('r5 train', { timeout: CHILD_TIMEOUT_MS }, () => {
  test('trains, prints one plain line a step when nobody watches, and reports before and after', async () => {
    const done = await runR5(['train', './letters.ts', ...shortRun, '--steps', '3'], { cwd: folder.path });
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout.match(/^step \d\/3 {2}reward \d\.\d+ {2}.*KL /gm)).toHaveLength(3);
    expect(done.stdout).not.toContain('\x1b');
    expect(done.stdout).toMatch(/^ +accuracy, greedy +\d+\.\d % +\d+\.\d %$/m);
    expect(done.stdout).toMatch(/r5 eval letters\.ts --model [0-9a-f]{6}/);
  });

  test('with --json, stdout is the result alone; a run is a model that eval, sample and runs know, and eval repeats its figure', async () => {
    const trained = await runR5(['train', 'letters.ts', ...shortRun, '--steps', '2', '--seed', '5', '--runs-dir', 'own', '--json'], { cwd: folder.path });
    expect(trained.code).toBe(0);
    expect(trained.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(trained.stderr).toMatch(/^step 2\/2/m);
    const result = trainResult.parse(lastJson(trained.stdout));
    expect(result).toMatchObject({ task: 'letters', seed: 5, heldOut: 8, steps: 2, finished: true });

    const evaluated = await runR5(['eval', 'letters.ts', '--model', result.run, '--rows', '8', '--seed', '5', '--threads', '1', '--json'], { cwd: folder.path });
    expect(lastJson(evaluated.stdout)).toMatchObject({
      n: 8, accuracy: result.after?.accuracy, interval: result.after?.interval, meanLength: result.after?.meanLength,
      passAtK: expect.any(Number), majAtK: expect.any(Number),
    });

    const listed = await runR5(['runs', '--runs-dir', 'own', '--json'], { cwd: folder.path });
    expect(lastJson(listed.stdout)).toMatchObject({ runs: [{ task: 'letters', state: 'finished', steps: 2 }], unreadable: [] });
    const table = await runR5(['runs', '--runs-dir', 'own'], { cwd: folder.path });
    expect(table.stdout).toMatch(/letters .* finished +2 .*[▁▂▃▄▅▆▇█]/);

    const sampled = await runR5(
      ['sample', '--model', result.run.slice(-6), '--runs-dir', 'own', '--task', 'letters.ts', '--row', '2', '--count', '3', '--json'],
      { cwd: folder.path },
    );
    const completion = { text: expect.any(String), tokens: expect.any(Number), stopReason: expect.stringMatching(/stop|length/) };
    const score = { reward: expect.any(Number), verdict: expect.stringMatching(/correct|wrong/) };
    expect(lastJson(sampled.stdout)).toMatchObject({ prompt: 'the number 102', completions: Array.from({ length: 3 }, () => ({ ...completion, score })) });
  });

  test('a task whose answers nobody can read stops at the check, with exit code 3', async () => {
    writeTask(folder.path, 'unreadable', { score: "() => ({ reward: 0, verdict: 'unparsable' })" });
    const done = await runR5(['train', 'unreadable.ts', ...shortRun, '--steps', '2', '--json'], { cwd: folder.path });
    expect(done.code).toBe(3);
    expect(done.stderr).toContain("Check 'answers readable' failed at step 1");
    expect(lastJson(done.stdout)).toMatchObject({ exitCode: 3, error: expect.stringContaining('answers readable') });
  });
});

describe('r5 sft', { timeout: CHILD_TIMEOUT_MS }, () => {
  test('learns given completions from a file, and goes down in loss', async () => {
    const lines = Array.from({ length: 6 }, (_, i) => JSON.stringify({ prompt: `the number ${i}`, completion: ' is the end', more: 1 }));
    writeFileSync(join(folder.path, 'data.jsonl'), `${lines.join('\n')}\n\n`);
    const words = ['sft', 'data.jsonl', '--model', 'model', '--steps', '30', '--batch', '6', '--learning-rate', '3e-2', '--threads', '1', '--json'];
    const done = await runR5(words, { cwd: folder.path });
    expect(done.code).toBe(0);
    const losses = [...done.stderr.matchAll(/^step \d+\/30 {2}loss (\S+)/gm)].map((match) => Number(match[1]));
    expect(losses).toHaveLength(30);
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 4);
    const result = z.looseObject({ run: z.string() }).parse(lastJson(done.stdout));
    expect(result).toMatchObject({ task: 'sft-data', examples: 6, steps: 30, heldOut: 0, before: null, after: null, finished: true });

    const sampled = await runR5(['sample', '--model', result.run, '--temperature', '0', '--max-tokens', '8'], { cwd: folder.path, input: 'the number 3' });
    expect(sampled).toMatchObject({ code: 0, stdout: 'the number 3 is the end\n' });
  });

  test("learns a task's solutions and measures held-out rows before and after", async () => {
    const words = ['sft', 'letters.ts', '--model', 'model', '--epochs', '3', '--batch', '4', '--learning-rate', '3e-2', '--threads', '1', '--json'];
    const done = await runR5(words, { cwd: folder.path });
    expect(lastJson(done.stdout)).toMatchObject({ task: 'sft-letters', examples: 12, steps: 9, heldOut: 8, before: { accuracy: expect.any(Number) }, after: { meanLength: expect.any(Number) } });
    expect(done.stderr).toContain('held-out before training');
  });

  test.each([
    ['no JSON', '{"prompt": "a", "completion": "b"}\n{"prompt"', 'line 2: not JSON'],
    ['no completion', '{"prompt": "a"}', 'line 1: completion must be a text'],
    ['nothing at all', '\n', 'is empty'],
    ['an empty prompt', '{"prompt": "", "completion": "b"}', 'line 1: the prompt is empty'],
    ['more than the context', JSON.stringify({ prompt: 'z'.repeat(70), completion: 'b' }), "more than the model's context of 64"],
  ])('data with %s are refused by name', async (_, content, message) => {
    writeFileSync(join(folder.path, 'bad.jsonl'), content);
    const done = await runR5(['sft', 'bad.jsonl', '--model', 'model', '--threads', '1'], { cwd: folder.path });
    expect(done.code).toBe(1);
    expect(done.stderr).toContain('bad.jsonl');
    expect(done.stderr).toContain(message);
    expect(done.stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

test('the run keeps what is needed to repeat it', { timeout: CHILD_TIMEOUT_MS }, async () => {
  const done = await runR5(['train', 'letters.ts', ...shortRun, '--steps', '1', '--json'], { cwd: folder.path });
  const { run } = trainResult.parse(lastJson(done.stdout));
  const { config } = z.object({ config: z.looseObject({}) }).parse(JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')));
  // Absolute, so that the run can be resumed from any folder.
  expect(config).toMatchObject({ task: join(folder.path, 'letters.ts'), model: join(folder.path, 'model'), prompts: 4, learningRate: 0.01 });
});
