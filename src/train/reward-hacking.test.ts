/** Runs that really train on flawed graders, and learn to please them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EventOf } from '../run/event.ts';
import { loadEvents } from '../run/read-events.ts';
import { eventsPath } from '../run/run-folder.ts';
import type { TrainSettingsInput } from './settings.ts';
import { trainRun } from './train-run.ts';

let folder = '';
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'r5-hacking-')); });
afterEach(() => { rmSync(folder, { recursive: true }); });

async function train(task: string, settings: Partial<TrainSettingsInput>) {
  const { run } = await trainRun(
    { task: join(import.meta.dirname, `${task}.fixture.ts`), truncated: 'keep', evalEvery: 0, finalRows: 1, checkpointEvery: 100, ...settings },
    folder,
  );
  const { events } = await loadEvents(eventsPath(run));
  const of = <Type extends 'warning' | 'episode' | 'step'>(type: Type): EventOf<Type>[] => events.filter((event): event is EventOf<Type> => event.type === type);
  return { warnings: of('warning'), episodes: of('episode'), steps: of('step') };
}

describe('a flawed grader', { timeout: 240_000 }, () => {
  test('that pays for length is told, with the episodes, which are in the log', async () => {
    const { warnings, episodes } = await train('pays-length', { steps: 6, prompts: 8, groupSize: 5, learningRate: 1e-3 });
    const warning = warnings.find(({ check }) => check === 'length');
    expect(warning).toMatchObject({ name: 'reward-hacking', message: expect.stringContaining('answers grow longer') });
    expect(warning?.episodes?.length).toBeGreaterThan(0);
    for (const named of warning?.episodes ?? []) {
      const [episode] = episodes.filter(({ step, row, rollout }) => step === named.step && row === named.row && rollout === named.rollout);
      expect(episode?.tokens).toBeGreaterThan(60);
      expect(episode?.segments?.map(({ source }) => source)).toEqual(['prompt', 'model']);
    }
  });

  test('that pays for form is told by the audit; the episodes named earned without being right', async () => {
    const { warnings, episodes, steps } = await train('pays-form', { steps: 8, prompts: 24, groupSize: 4, learningRate: 1e-3 });
    expect(steps.at(-1)?.reward).toBeGreaterThan((steps[0]?.reward ?? 1) + 0.1);
    const warning = warnings.find(({ check }) => check === 'audit');
    expect(warning?.episodes?.length).toBeGreaterThan(0);
    for (const named of warning?.episodes ?? []) {
      expect(episodes).toContainEqual(expect.objectContaining({ step: named.step, row: named.row, rollout: named.rollout, reward: 1, audit: 0 }));
    }
  });
});
