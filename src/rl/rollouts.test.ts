import { expect, test } from 'vitest';
import { openTinyEngine } from '../engine/local/tiny-engine.fixture.ts';
import { evenTokens } from './even-tokens.fixture.ts';
import { collectGroups, type RolloutSource } from './rollouts.ts';

test('a source with group scores has the last word on each reward, and sees the single ones', async () => {
  const engine = await openTinyEngine();
  const ranked: RolloutSource = {
    ...evenTokens,
    scoreGroup: async (_row, members) => {
      const order = members.map(({ reward }) => reward).toSorted((a, b) => a - b);
      return members.map(({ reward, verdict }) => ({ reward: order.indexOf(reward), verdict, parts: { share: reward } }));
    },
  };
  const { groups: [group = []] } = await collectGroups(engine, ranked, [2], { groupSize: 6, sampling: { maxTokens: 6, stopTokens: [], seed: 1 } });
  const shares = group.map(({ parts }) => parts?.share ?? NaN);
  expect(new Set(shares).size).toBeGreaterThan(1);
  expect(group.map(({ reward }) => reward)).toEqual(shares.map((share) => shares.filter((other) => other < share).length));
});
