import { describe, expect, test } from 'vitest';
import { testFolder, writeTinyModel } from '../engine/local/tiny-engine.fixture.ts';
import { loadTokenizer, type Tokenizer } from '../model/tokenizer.ts';
import type { Group, ScoredRollout } from '../rl/rollouts.ts';
import type { EpisodeEvent, NewEvent } from '../run/event.ts';
import { episodeEvents, restEvents, type EpisodeLogging } from './episode-events.ts';

const rollout = (row: number, index: number, reward: number, tokens = 10): ScoredRollout => ({
  row, index, reward, verdict: 'wrong', text: `answer ${row}.${index}`, stopReason: 'stop',
  sequences: [{ tokens: Array.from({ length: tokens }, () => 65), mask: new Uint8Array(tokens).fill(1, 4), logprobs: new Float32Array(tokens), weightsVersion: 0 }],
});

const lively = (row: number, tokens?: number): Group => [rollout(row, 0, 0, tokens), rollout(row, 1, 1, tokens)];
const flat = (row: number): Group => [rollout(row, 0, 1), rollout(row, 1, 1)];

async function logging(change: Partial<EpisodeLogging> = {}): Promise<EpisodeLogging> {
  return { task: { promptText: (row) => `question ${row}` }, tokenizer: await tokenizer(), truncated: 'mask', ...change };
}

async function tokenizer(): Promise<Tokenizer> {
  const directory = testFolder();
  await writeTinyModel(directory);
  return loadTokenizer(directory);
}

const step = (groups: readonly Group[]) => ({ step: 3, groups, advantages: groups.map((group) => group.map(({ reward }) => reward - 0.5)), unused: [], lost: [] });

function episodes(events: readonly NewEvent[]): Omit<EpisodeEvent, 'time'>[] {
  return events.flatMap((event) => (event.type === 'episode' ? [event] : []));
}

/** `row.rollout` of those that are logged token by token. */
const whole = (events: readonly NewEvent[]): string[] => episodes(events).flatMap(({ row, rollout: index, segments }) => (segments ? [`${row}.${index}`] : []));

describe('the episodes of a step', () => {
  test('are all logged, with what each was worth', async () => {
    const logged = episodes(episodeEvents(step([lively(1), flat(2)]), await logging()));
    expect(logged).toMatchObject([
      { step: 3, row: 1, rollout: 0, prompt: 'question 1', completion: 'answer 1.0', reward: 0, advantage: -0.5, tokens: 6 },
      { row: 1, rollout: 1, reward: 1, advantage: 0.5 },
      { row: 2, dropped: 'flat-group' },
      { row: 2, dropped: 'flat-group' },
    ]);
    expect(logged[0]).not.toHaveProperty('dropped');
    expect(logged.every(({ segments }) => segments !== undefined)).toBe(true);
  });

  test('are logged token by token as many as are asked for: those that a warning names, the first group, the first that teaches', async () => {
    const groups = [flat(1), flat(2), lively(3), lively(4)];
    expect(whole(episodeEvents(step(groups), await logging({ whole: 4 })))).toEqual(['1.0', '1.1', '3.0', '3.1']);
    expect(whole(episodeEvents(step(groups), await logging({ whole: 0, named: [{ row: 2, rollout: 1 }] })))).toEqual(['2.1']);
    expect(episodes(episodeEvents(step(groups), await logging({ whole: 0 })))).toHaveLength(8);
  });

  test('are logged token by token only as far as their tokens are not too many', async () => {
    const groups = [lively(1, 40_000), lively(2, 40_000)];
    expect(whole(episodeEvents(step(groups), await logging()))).toEqual(['1.0', '1.1']);
  });
});

test('lost and unused rollouts are logged with the reason; of a lost one what was played', async () => {
  const played = { text: 'half', stopReason: 'stop' as const, sequences: rollout(5, 0, 0).sequences };
  const rest = {
    unused: [{ rollout: rollout(4, 0, 1), reason: 'stale' as const }, { rollout: rollout(4, 1, 1), reason: 'unfinished' as const }],
    lost: [
      { row: 5, index: 0, reason: 'unscored' as const, message: 'the judge is away', played },
      { row: 5, index: 1, reason: 'timeout' as const, message: 'It took longer than 5 s.' },
    ],
  };
  const logged = episodes(restEvents(7, rest, await logging()));
  expect(logged).toMatchObject([
    { step: 7, row: 4, dropped: 'stale', reward: 1 },
    { dropped: 'surplus', dropReason: 'the run ended before a step had learned from it' },
    { row: 5, dropped: 'lost', dropReason: 'unscored: the judge is away', completion: 'half', tokens: 6 },
    { dropped: 'lost', dropReason: 'timeout: It took longer than 5 s.', completion: '', tokens: 0 },
  ]);
  expect(whole(restEvents(7, rest, await logging()))).toEqual(['4.0', '4.1', '5.0']);
});
