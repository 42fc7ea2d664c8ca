import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { latestCheckpoint } from './checkpoint-folder.ts';
import { effectiveEvents, loadEvents } from './read-events.ts';
import { createRun, eventsPath, type Run } from './run-folder.ts';
import { runLockHolder } from './run-lock.ts';
import { testFolder } from './test-folder.ts';

const program = fileURLToPath(new URL('crash-writer.ts', import.meta.url));

async function writeAndKill(run: Run, afterMs: number): Promise<void> {
  const child = spawn(process.execPath, [program, run.directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), exited]);
  await setTimeout(afterMs);
  child.kill('SIGKILL');
  const [, signal] = await exited;
  expect(signal).toBe('SIGKILL');
}

test('a run killed at any moment keeps its log and a whole checkpoint, and goes on from there', { timeout: 60_000 }, async () => {
  const run = createRun(testFolder(), { task: 'crash', config: {}, seed: 1 });
  let before = 0;
  for (const afterMs of [0, 4, 9, 17, 28, 41]) {
    await writeAndKill(run, afterMs);
    expect(runLockHolder(run.directory)).toBeUndefined();

    const { events, unknown, warnings } = await loadEvents(eventsPath(run));
    expect(unknown).toBe(0);
    expect(warnings.length).toBeLessThanOrEqual(1);

    const latest = await latestCheckpoint(run);
    const effective = effectiveEvents(events);
    const steps = effective.flatMap((event) => (event.type === 'supervised-step' ? [event.step] : []));
    expect(steps).toEqual(steps.map((_, i) => i + 1));
    const safe = effective.flatMap((event) => {
      if (event.type === 'checkpoint') return [event.step];
      return event.type === 'resume' ? [event.fromStep] : [];
    });
    if (latest === undefined) throw new Error('no whole checkpoint is left');
    expect(latest.skipped).toEqual([]);
    // A checkpoint is logged once it is there, so the newest is the last that the log speaks of or the one after it.
    expect([safe.at(-1), (safe.at(-1) ?? 0) + 1]).toContain(latest.step);
    expect(latest.step).toBeGreaterThan(before);
    expect(readFileSync(join(latest.directory, 'step'), 'utf8')).toBe(String(latest.step));
    expect(readFileSync(join(latest.directory, 'weights'))).toEqual(Buffer.alloc(200_000, latest.step));
    before = latest.step;
  }
});
