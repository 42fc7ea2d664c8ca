import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadEvents } from '../run/read-events.ts';
import { eventsPath } from '../run/run-folder.ts';
import { trainRun } from './train-run.ts';

test('a judge and its ranking are rewards of a run, each in the log by name and with its reason', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'r5-judged-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { run } = await trainRun({
    task: join(import.meta.dirname, 'judged.fixture.ts'), steps: 1, prompts: 2, groupSize: 4, truncated: 'keep', evalEvery: 0, finalRows: 1,
  }, folder);
  const { events } = await loadEvents(eventsPath(run));
  const step = events.find((event) => event.type === 'step');
  expect(Object.keys(step?.rewardParts ?? {})).toEqual(['written', 'digits', 'longest']);
  // A group that says the same throughout is not ranked.
  const episodes = events.filter((event) => event.type === 'episode').filter(({ dropped }) => dropped !== 'flat-group');
  expect(episodes.length).toBeGreaterThanOrEqual(4);
  for (const { reward, rewardParts: { written = NaN, digits = NaN, longest = NaN } = {}, rewardNotes, completion } of episodes) {
    expect(digits).toBeCloseTo(Math.min(10, (completion.match(/\d/g) ?? []).length) / 10, 10);
    expect(reward).toBeCloseTo(((written + digits) / 2 + 2 * longest) / 3, 10);
    expect(rewardNotes).toMatchObject({ digits: expect.stringMatching(/^\d+ digits$/), longest: expect.stringContaining('by length') });
  }
  expect(new Set(episodes.map(({ rewardParts }) => rewardParts?.longest)).size).toBeGreaterThan(1);
});
