import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { testFolder } from '../engine/local/tiny-engine.fixture.ts';
import type { EventOf } from '../run/event.ts';
import { loadEvents } from '../run/read-events.ts';
import { eventsPath, type Run } from '../run/run-folder.ts';
import { resumeRun, trainRun, type TrainResult } from './train-run.ts';
import { loadGroupPosition } from './group-position.ts';
import { latestCheckpoint } from '../run/checkpoint-folder.ts';
import type { TrainSettingsInput } from './settings.ts';

const settings: TrainSettingsInput = {
  task: join(import.meta.dirname, 'unreliable.fixture.ts'), prompts: 4, groupSize: 4, steps: 3, truncated: 'keep', evalEvery: 0, finalRows: 2, threads: 1, checkpointEvery: 2,
};

afterEach(() => {
  delete process.env.R5_TEST_FAILS;
});

interface Logged {
  steps: EventOf<'step'>[];
  episodes: EventOf<'episode'>[];
  stop: EventOf<'stop'> | undefined;
}

async function logOf(run: Run): Promise<Logged> {
  const { events } = await loadEvents(eventsPath(run));
  return {
    steps: events.filter((event) => event.type === 'step'),
    episodes: events.filter((event) => event.type === 'episode'),
    stop: events.findLast((event) => event.type === 'stop'),
  };
}

test.each([0, 1])('a run with a bound of %s goes on without what it loses; all of it is in the log', async (maxStaleness) => {
  process.env.R5_TEST_FAILS = '1';
  const { run, finished } = await trainRun({ ...settings, maxStaleness }, testFolder());
  expect(finished).toBe(true);
  const { steps, episodes } = await logOf(run);
  expect(steps).toHaveLength(3);
  const lost = steps.reduce((total, step) => total + (step.lost?.unscored ?? 0), 0);
  expect(lost).toBeGreaterThanOrEqual(3);
  expect(episodes.filter(({ dropped }) => dropped === 'lost').map(({ dropReason }) => dropReason)).toEqual(Array.from({ length: lost }, () => 'unscored: the judge answered 429 for a minute'));
  expect(episodes).toHaveLength(3 * 16);
  // The text was never graded, but it was played.
  expect(episodes.find(({ dropped }) => dropped === 'lost')?.segments?.map(({ source }) => source)).toEqual(['prompt', 'model']);
});

test('a run that loses too much stops, says why, and has in its log what had finished', async () => {
  process.env.R5_TEST_FAILS = '4';
  let run: Run | undefined;
  await expect(trainRun({ ...settings, groupSize: 6 }, testFolder(), { onRun: (made) => void (run = made) })).rejects.toThrow('lost');
  if (!run) throw new Error('there is no run');
  const { episodes, stop } = await logOf(run);
  expect(stop).toMatchObject({ reason: 'failed', message: expect.stringMatching(/of the latest .* rollouts were lost.*--max-lost-share/) });
  expect(new Set(episodes.map(({ dropped }) => dropped))).toEqual(new Set(['surplus', 'lost']));
  expect(episodes).toHaveLength(24);
});

test('an overlapped run that was stopped goes on with the rows that were under way', async () => {
  const folder = testFolder();
  const stop = new AbortController();
  const half: TrainResult = await trainRun({ ...settings, steps: 4, maxStaleness: 1 }, folder, {
    signal: stop.signal,
    onStep: ({ step }) => {
      if (step === 2) stop.abort();
    },
  });
  expect(half).toMatchObject({ finished: false, steps: 2 });
  const checkpoint = await latestCheckpoint(half.run);
  const position = loadGroupPosition(checkpoint?.directory ?? '');
  expect(position?.pending.length).toBeGreaterThan(0);
  const before = (await logOf(half.run)).episodes;
  const { finished, run } = await resumeRun(half.run, folder);
  expect(finished).toBe(true);
  const { episodes } = await logOf(run);
  expect(episodes.slice(0, before.length)).toEqual(before);
  const trainedOn = episodes.filter(({ dropped }) => dropped !== 'surplus').map(({ row }) => row);
  // Four steps of four rows, none of which came twice.
  expect(new Set(trainedOn).size).toBe(16);
});
