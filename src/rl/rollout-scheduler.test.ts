import { describe, expect, test } from 'vitest';
import type { GrpoSettings } from './grpo-settings.ts';
import { RolloutScheduler, type SchedulerOptions } from './rollout-scheduler.ts';
import type { StepBatch } from './step-rollouts.ts';
import { settled, TimedEpisodes, timedSettings } from './timed-episodes.fixture.ts';

function schedule(lookahead: number, change: Partial<GrpoSettings> = {}, more: Partial<SchedulerOptions> = {}) {
  const episodes = new TimedEpisodes();
  const scheduler = new RolloutScheduler(episodes, { settings: timedSettings(change), lookahead, firstStep: 1, ...more });
  return { episodes, scheduler };
}

/** The rows of a step, or undefined while it waits for rollouts. */
async function taken(batch: Promise<StepBatch>): Promise<number[] | undefined> {
  const result = await Promise.race([batch, settled().then(settled)]);
  return result?.groups.map(([first]) => first?.row ?? -1);
}

describe('without a lookahead', () => {
  test("a step begins its own groups, waits for all of them, and nothing else begins before the next step asks", async () => {
    const { episodes, scheduler } = schedule(0);
    const first = scheduler.take();
    const [a, b] = episodes.rows;
    expect(episodes.begun).toEqual([`${a}.0`, `${a}.1`, `${b}.0`, `${b}.1`]);
    await episodes.end(b);
    expect(await taken(first)).toBeUndefined();
    await episodes.end(a);
    // In the order of their numbers, whichever ended first.
    expect(await taken(first)).toEqual([a, b]);
    scheduler.advance();
    await settled();
    expect(episodes.begun).toHaveLength(4);
    expect(scheduler.position).toEqual({ next: 2, pending: [] });
    void scheduler.take();
    expect(episodes.begun).toHaveLength(8);
  });

  test('with groups to spare, the step takes those that are whole first and gives up the others', async () => {
    const { episodes, scheduler } = schedule(0, { oversample: 0.5 });
    const first = scheduler.take();
    const [a, b, c] = episodes.rows;
    expect(episodes.rows).toHaveLength(3);
    episodes.endOne(`${b}.0`, 0.25);
    await episodes.end(a, c);
    expect(await taken(first)).toEqual([a, c]);
    const { unused, abandoned } = await first;
    expect(unused.map(({ rollout: { text, reward }, reason }) => [text, reward, reason])).toEqual([[`${b}.0`, 0.25, 'surplus']]);
    expect(abandoned).toBe(1);
    expect(episodes.aborted).toEqual(new Set([`${b}.1`]));
  });
});

describe('with a lookahead', () => {
  test('groups of later steps are under way, and no more than may be', async () => {
    const { episodes, scheduler } = schedule(1);
    const first = scheduler.take();
    expect(episodes.rows).toHaveLength(4);
    await episodes.end(...episodes.rows);
    await first;
    await settled();
    expect(episodes.rows).toHaveLength(4);
    scheduler.advance();
    expect(episodes.rows).toHaveLength(6);
  });

  test('a slow episode holds no step before its weights would be too old, and then it does', async () => {
    const { episodes, scheduler } = schedule(2);
    const first = scheduler.take();
    const [a, b, slow, c, d, e] = episodes.rows;
    await episodes.end(a, b);
    expect(await taken(first)).toEqual([a, b]);
    scheduler.advance();
    const second = scheduler.take();
    await episodes.end(c, d, e);
    expect(await taken(second)).toEqual([c, d]);
    scheduler.advance();
    const third = scheduler.take();
    await episodes.end(...episodes.rows.slice(6));
    // `e` and two more are whole, but after this step the slow one would be three steps old.
    expect(await taken(third)).toBeUndefined();
    await episodes.end(slow);
    expect(await taken(third)).toEqual([slow, e]);
  });

  test('a step leaves no more old groups behind than the following steps have room for', async () => {
    const { episodes, scheduler } = schedule(2);
    const first = scheduler.take();
    const old = episodes.rows;
    await episodes.end(old[0], old[1]);
    await first;
    scheduler.advance();
    const second = scheduler.take();
    await episodes.end(...episodes.rows.slice(6));
    // Two younger groups are whole. Taking them would leave four that all have to be in the third step.
    expect(await taken(second)).toBeUndefined();
    await episodes.end(old[2]);
    expect(await taken(second)).toBeUndefined();
    await episodes.end(old[5]);
    expect(await taken(second)).toEqual([old[2], old[5]]);
  });

  test('with groups to spare, those that are too old are given up instead', async () => {
    const { episodes, scheduler } = schedule(1, { oversample: 0.5 });
    const first = scheduler.take();
    const [a, slow, b, c, d] = episodes.rows;
    await episodes.end(a, b, c, d);
    expect(await taken(first)).toEqual([a, b]);
    scheduler.advance();
    const second = scheduler.take();
    expect(await taken(second)).toEqual([c, d]);
    expect(await second).toMatchObject({ unused: [], abandoned: 2 });
    expect(episodes.aborted).toEqual(new Set([`${slow}.0`, `${slow}.1`]));
  });

  test('nothing begins that no step will take', async () => {
    const { episodes, scheduler } = schedule(3, {}, { settings: timedSettings({ oversample: 0.5 }, 2) });
    const first = scheduler.take();
    expect(episodes.rows).toHaveLength(5);
    await episodes.end(...episodes.rows);
    await first;
    scheduler.advance();
    await scheduler.take();
    scheduler.advance();
    expect(episodes.rows).toHaveLength(5);
  });
});

test('at most so many rollouts are under way at once, and the oldest groups come first', async () => {
  const { episodes, scheduler } = schedule(1, { rolloutsAtOnce: 3 });
  void scheduler.take();
  const [a, b] = episodes.rows;
  expect(episodes.begun).toEqual([`${a}.0`, `${a}.1`, `${b}.0`]);
  episodes.endOne(`${a}.1`, 0);
  await settled();
  expect(episodes.begun).toEqual([`${a}.0`, `${a}.1`, `${b}.0`, `${b}.1`]);
});

test('other prompts take the place of flat groups when they are to be resampled', async () => {
  const { episodes, scheduler } = schedule(0, { flatGroups: 'resample' });
  const first = scheduler.take();
  const [a, b] = episodes.rows;
  for (const index of [0, 1]) episodes.endOne(`${b}.${index}`, 0.5);
  await episodes.end(a);
  const c = episodes.rows[2];
  expect(c).toBeDefined();
  await episodes.end(c);
  expect(await taken(first)).toEqual([a, c]);
  expect((await first).unused.map(({ rollout, reason }) => [rollout.row, reason])).toEqual([[b, 'flat-group'], [b, 'flat-group']]);
});

test('a lost rollout is missing in its group, which is whole without it', async () => {
  const { episodes, scheduler } = schedule(0);
  const first = scheduler.take();
  const [a, b] = episodes.rows;
  episodes.fail(`${a}.0`, 'no network');
  episodes.endOne(`${a}.1`, 1);
  await episodes.end(b);
  expect(await taken(first)).toEqual([a, b]);
  const { groups, lost } = await first;
  expect(groups.map((group) => group.map(({ index }) => index))).toEqual([[1], [0, 1]]);
  expect(lost).toMatchObject([{ row: a, index: 0, reason: 'threw', message: 'no network' }]);
});

test('a resumed run begins anew what was under way, and goes on from there', async () => {
  const { episodes, scheduler } = schedule(1);
  const first = scheduler.take();
  const [a, b, c, d] = episodes.rows;
  await episodes.end(a, c);
  expect(await taken(first)).toEqual([a, c]);
  const { position } = scheduler;
  expect(position).toEqual({ next: 4, pending: [1, 3] });
  expect(await scheduler.stop()).toEqual({ unused: [], lost: [] });
  const resumed = schedule(1, {}, { firstStep: 2, position });
  void resumed.scheduler.take();
  expect(resumed.episodes.rows.slice(0, 2)).toEqual([b, d]);
  expect(resumed.episodes.rows).toHaveLength(4);
});

test('what had finished is handed back at the end, and nothing goes on', async () => {
  const { episodes, scheduler } = schedule(1);
  const first = scheduler.take();
  const [a, b, c, d] = episodes.rows;
  episodes.fail(`${c}.1`, 'no network');
  await episodes.end(a, b, c);
  await first;
  episodes.endOne(`${d}.0`, 1);
  await settled();
  const stopped = scheduler.stop();
  expect(episodes.aborted).toEqual(new Set([`${d}.1`]));
  const { unused, lost } = await stopped;
  expect(unused.map(({ rollout, reason }) => [rollout.text, reason])).toEqual([[`${c}.0`, 'unfinished'], [`${d}.0`, 'unfinished']]);
  expect(lost).toMatchObject([{ row: c, index: 1, message: 'no network' }]);
});
