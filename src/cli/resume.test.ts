import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { effectiveEvents, loadEvents } from '../run/read-events.ts';
import { CHILD_TIMEOUT_MS, lastJson, runR5, shortRun, workFolder } from './child-process.fixture.ts';

const folder = workFolder();
const result = z.looseObject({ run: z.string(), finished: z.boolean(), steps: z.number() });

/** The only run in a folder of runs. */
function onlyRun(runsDir: string): string {
  const names = readdirSync(join(folder.path, runsDir)).filter((name) => !name.startsWith('.'));
  expect(names).toHaveLength(1);
  return join(folder.path, runsDir, names[0] ?? '');
}

/** Weights and optimizer state after a step. */
const stateAfter = (run: string, step: number): Buffer[] =>
  ['model.safetensors', 'training-state.safetensors'].map((file) => readFileSync(join(run, 'checkpoints', `step-${step}`, file)));

describe('a training run that was stopped in the middle ends in bit-identical weights once resumed', { timeout: CHILD_TIMEOUT_MS }, () => {
  const words = ['train', 'letters.ts', ...shortRun, '--steps', '12', '--checkpoint-every', '4', '--json'];
  const whole = runOnce(() => runR5([...words, '--runs-dir', 'whole'], { cwd: folder.path }));

  test.each([
    { signal: 'SIGINT', name: 'Ctrl-C' },
    { signal: 'SIGTERM', name: 'a polite kill' },
  ] as const)('by $name: finishes the step, checkpoints, exits with 130, says how to go on', async ({ signal }) => {
    const runsDir = `after-${signal}`;
    const stopped = await runR5([...words, '--runs-dir', runsDir], { cwd: folder.path, signalAt: { text: 'step 5/12', signal } });
    expect(stopped.code).toBe(130);
    const { steps, ...rest } = result.parse(lastJson(stopped.stdout));
    expect(rest).toMatchObject({ finished: false, after: null, before: { accuracy: expect.any(Number) } });
    expect(steps).toBeGreaterThanOrEqual(5);
    expect(steps).toBeLessThan(12);
    const id = onlyRun(runsDir).slice(-6);
    expect(stopped.stderr).toContain(`r5 resume ${id} --runs-dir ${runsDir}`);
    expect(readdirSync(join(onlyRun(runsDir), 'checkpoints'))).toContain(`step-${steps}`);

    const resumed = await runR5(['resume', id, '--runs-dir', runsDir, '--json'], { cwd: folder.path });
    const uninterrupted = result.parse(lastJson((await whole()).stdout));
    const { run, trainSeconds: _, ...figures } = uninterrupted;
    expect(result.parse(lastJson(resumed.stdout))).toMatchObject(figures);
    expect(stateAfter(onlyRun(runsDir), 12)).toEqual(stateAfter(run, 12));
  });

  test('by kill -9, which loses the steps since the last checkpoint', async () => {
    const killed = await runR5([...words, '--runs-dir', 'after-kill'], { cwd: folder.path, signalAt: { text: 'step 7/12', signal: 'SIGKILL' } });
    expect(killed.signal).toBe('SIGKILL');
    const run = onlyRun('after-kill');
    expect(readdirSync(join(run, 'checkpoints'))).not.toContain('step-12');

    // From another folder, by path.
    const resumed = await runR5(['resume', run], { cwd: '/' });
    expect(resumed).toMatchObject({ code: 0, stderr: '' });
    expect(resumed.stdout).toContain('going on after step 4');
    const uninterrupted = result.parse(lastJson((await whole()).stdout)).run;
    expect(stateAfter(run, 12)).toEqual(stateAfter(uninterrupted, 12));
    const steps = await Promise.all([run, uninterrupted].map(stepsOf));
    expect(steps[0]).toEqual(steps[1]);
  });
});

test('a fine-tuning run that was killed ends in bit-identical weights once resumed', { timeout: CHILD_TIMEOUT_MS }, async () => {
  const words = ['sft', 'letters.ts', '--model', 'model', '--steps', '120', '--batch', '12', '--checkpoint-every', '8', '--final-rows', '0', '--threads', '1'];
  const killed = await runR5([...words, '--runs-dir', 'sft-killed'], { cwd: folder.path, signalAt: { text: 'step 21/120', signal: 'SIGKILL' } });
  expect(killed.signal).toBe('SIGKILL');
  const run = onlyRun('sft-killed');
  expect(readdirSync(join(run, 'checkpoints'))).not.toContain('step-120');
  const resumed = await runR5(['resume', run, '--json'], { cwd: folder.path });
  expect(lastJson(resumed.stdout)).toMatchObject({ steps: 120, finished: true });
  const whole = await runR5([...words, '--runs-dir', 'sft-whole'], { cwd: folder.path });
  expect(whole.code).toBe(0);
  expect(stateAfter(run, 120)).toEqual(stateAfter(onlyRun('sft-whole'), 120));
});

test('a run that does not exist, and a model that was never trained, are named', { timeout: CHILD_TIMEOUT_MS }, async () => {
  const missing = await runR5(['resume', 'nothing'], { cwd: folder.path });
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining("there is no run 'nothing'") });
  const noModel = await runR5(['eval', 'countdown', '--model', 'nothing'], { cwd: folder.path });
  expect(noModel).toMatchObject({ code: 1, stderr: expect.stringContaining("There is no model 'nothing'") });
});

/** What every step measured, apart from its speed. */
async function stepsOf(run: string): Promise<unknown[]> {
  const { events } = await loadEvents(join(run, 'events.jsonl'));
  return effectiveEvents(events).flatMap((event) =>
    event.type === 'step' ? { step: event.step, reward: event.reward, loss: event.loss, gradientNorm: event.gradientNorm, length: event.meanLength } : [],
  );
}

/** Does the work when it is first asked for, and once. */
function runOnce<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let done: Promise<Result> | undefined;
  return () => (done ??= work());
}
