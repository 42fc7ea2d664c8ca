import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { NewEvent } from './event.ts';
import { EventLog } from './event-log.ts';
import { findEpisodes, surpriseOf, type EpisodeQuery } from './find-episodes.ts';
import { testFolder } from './test-folder.ts';

function logOf(events: readonly NewEvent[]): string {
  const path = join(testFolder(), 'events.jsonl');
  const log = EventLog.open(path);
  for (const event of events) log.append(event);
  log.close();
  return path;
}

function episode(step: number, rollout: number, change: Partial<Extract<NewEvent, { type: 'episode' }>> = {}): NewEvent {
  return { type: 'episode', step, row: 10 * step, rollout, prompt: 'p', completion: 'c', reward: 0, verdict: 'wrong', tokens: 1, stopReason: 'stop', ...change };
}

const written = (logprobs: number[]) => ({ segments: [{ source: 'model' as const, text: 'abc'.slice(0, logprobs.length), tokenEnds: logprobs.map((_, i) => i + 1), logprobs }] });

const foundIn = async (path: string, query: Partial<EpisodeQuery>): Promise<string[]> =>
  (await findEpisodes(path, { order: 'newest', count: 10, ...query })).episodes.map(({ step, rollout }) => `${step}.${rollout}`);

describe('findEpisodes', () => {
  const someLog = (): string => logOf([
    episode(1, 0, { reward: 0.5, tokens: 7, ...written([-1, -3]) }),
    episode(1, 1, { reward: 1, tokens: 3, dropped: 'truncated', ...written([-0.5]) }),
    { type: 'warning', message: 'old', step: 1 },
    episode(2, 0, { reward: -1, tokens: 9 }),
  ]);

  test.each<[EpisodeQuery['order'], string[]]>([
    ['newest', ['2.0', '1.1', '1.0']],
    ['reward', ['1.1', '1.0', '2.0']],
    ['length', ['2.0', '1.0', '1.1']],
    ['surprise', ['1.0', '1.1', '2.0']],
  ])('by %s, and the other way round', async (order, names) => {
    const path = someLog();
    expect(await foundIn(path, { order })).toEqual(names);
    expect(await foundIn(path, { order, count: 1 })).toEqual(names.slice(0, 1));
    // What has no surprise is last either way.
    expect(await foundIn(path, { order, reverse: true })).toEqual(order === 'surprise' ? ['1.1', '1.0', '2.0'] : names.toReversed());
  });

  test('counts what fits, whether shown or not, and gives the warnings', async () => {
    const found = await findEpisodes(someLog(), { order: 'newest', count: 1, accepts: ({ step }) => step === 1 });
    expect(found).toMatchObject({ logged: 3, fitting: 2, meanReward: 0.75, dropped: { truncated: 1 }, warnings: [{ message: 'old' }], problems: [] });
  });

  test('a lost one has no reward: it is last by reward and not in the mean', async () => {
    const lossy = logOf([episode(1, 0, { dropped: 'lost' }), episode(1, 1, { reward: -1 }), episode(1, 2, { reward: 1 })]);
    expect(await foundIn(lossy, { order: 'reward' })).toEqual(['1.2', '1.1', '1.0']);
    expect(await foundIn(lossy, { order: 'reward', reverse: true })).toEqual(['1.1', '1.2', '1.0']);
    expect(await findEpisodes(lossy, { order: 'newest', count: 1 })).toMatchObject({ fitting: 3, meanReward: 0, dropped: { lost: 1 } });
  });

  test('leaves out what a resume took back', async () => {
    const resumed = logOf([episode(1, 0), episode(2, 0), { type: 'warning', message: 'gone', step: 2 }, { type: 'resume', fromStep: 1 }, episode(2, 1)]);
    expect(await foundIn(resumed, {})).toEqual(['2.1', '1.0']);
    expect((await findEpisodes(resumed, { order: 'newest', count: 1 })).warnings).toEqual([]);
  });

  test('reads a log that a crash cut short', async () => {
    const cut = logOf([episode(1, 0)]);
    appendFileSync(cut, '{"type":"episode","st');
    expect(await findEpisodes(cut, { order: 'newest', count: 5 })).toMatchObject({ logged: 1, problems: [expect.stringContaining('unfinished')] });
  });

  test('holds only what is asked for, however long the log', async () => {
    const long = logOf(Array.from({ length: 2_000 }, (_, i) => episode(i + 1, i % 8, { completion: 'word '.repeat(200), reward: (i * 7919) % 2_000 })));
    const found = await findEpisodes(long, { order: 'reward', count: 3 });
    expect(found.episodes.map(({ reward }) => reward)).toEqual([1999, 1998, 1997]);
    expect(found.logged).toBe(2_000);
  });
});

test('surprise is the mean over the model\'s tokens alone', () => {
  const segments = [{ source: 'prompt' as const, text: 'p' }, ...written([-1, -2]).segments, { source: 'tool' as const, text: 't' }, ...written([-6]).segments];
  expect(surpriseOf({ segments })).toBe(3);
  expect(surpriseOf({})).toBeUndefined();
});
