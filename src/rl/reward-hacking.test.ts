import { describe, expect, test } from 'vitest';
import { Random } from '../random.ts';
import { RewardWatch, type HackingWarning } from './reward-hacking.ts';
import type { WatchedRollout } from './step-measures.ts';

type Made = Partial<WatchedRollout> & Pick<WatchedRollout, 'reward'>;

/** A run of 12 steps of 16 prompts with 6 rollouts each. `make` says what a rollout is, `share` being how far the run has come. */
function warningsOf(make: (share: number, random: Random, row: number) => Made): HackingWarning[] {
  const watch = new RewardWatch();
  return Array.from({ length: 12 }, (_, step) => {
    const groups = Array.from({ length: 16 }, (_g, g) => {
      const row = 16 * step + g;
      return Array.from({ length: 6 }, (_i, index): WatchedRollout => {
        const random = new Random(step, g, index);
        return { row, index, prompt: `question ${row}`, text: `answer ${row} ${index}`, tokens: 20, truncated: false, ...make(step / 11, random, row) };
      });
    });
    return watch.observe(step + 1, groups).warnings;
  }).flat();
}

const chance = (share: number, random: Random): number => Number(random.uniform() < share);
const climbing = (share: number): number => 0.2 + 0.6 * share;

describe('an honest run is not disturbed', () => {
  test('when nothing changes but the reward', () => {
    expect(warningsOf((share, random) => ({ reward: chance(climbing(share), random) }))).toEqual([]);
  });

  test('when answers grow from 27 to 90 tokens because searching longer finds more', () => {
    const warnings = warningsOf((share, random, row) => {
      // Within a group the longer one wins; which prompts need a long search has nothing to do with it.
      const needed = 20 + 80 * new Random(row).uniform();
      const tokens = Math.round(20 + 100 * share * random.uniform() + 20 * random.uniform());
      return { tokens: Math.min(tokens, Math.round(needed)), reward: Number(tokens >= needed) };
    });
    expect(warnings).toEqual([]);
  });

  test('when answers shrink because the searching becomes better aimed, and what is found soon is right more often', () => {
    const warnings = warningsOf((share, random, row) => {
      const hard = new Random(row).uniform();
      return { tokens: Math.round((90 - 50 * share) * (0.3 + hard) + 10 * random.uniform()), reward: chance(climbing(share) * (1.2 - hard), random) };
    });
    expect(warnings).toEqual([]);
  });

  test('when the audit rises too, or only trembles', () => {
    expect(warningsOf((share, random) => { const right = chance(climbing(share), random); return { reward: right, audit: right }; })).toEqual([]);
    expect(warningsOf((share, random) => ({ reward: chance(climbing(share), random), audit: chance(0.5, random) }))).toEqual([]);
  });

  test('when short answers are the same for many prompts from the start', () => {
    expect(warningsOf((share, random, row) => ({ reward: chance(climbing(share), random), text: row % 2 === 0 ? 'yes' : 'no' }))).toEqual([]);
  });

  test('when a check falls, but the reward does not climb', () => {
    expect(warningsOf((share, random) => ({ reward: chance(0.5, random), audit: chance(1 - share, random), tokens: 20 + 80 * share }))).toEqual([]);
  });
});

describe('a run that learns to please its grader', () => {
  const checksOf = (warnings: readonly HackingWarning[]): string[] => warnings.map(({ check }) => check);

  test('is told when the audit falls; the episodes named are rewarded and fail it', () => {
    const warnings = warningsOf((share, random) => ({ reward: chance(climbing(share), random), audit: chance(0.8 - 0.7 * share, random) }));
    expect(checksOf(warnings)).toEqual(['audit']);
    expect(warnings[0]?.message).toMatch(/^The reward climbs \(0\.\d\d -> 0\.\d\d\), but the task's own audit of the same answers falls \(audit 0\.\d\d -> 0\.\d\d\)\./);
    expect(warnings[0]?.episodes).toHaveLength(4);
  });

  test('when the audit never confirms anything', () => {
    expect(checksOf(warningsOf((share, random) => ({ reward: chance(climbing(share), random), audit: 0 })))).toEqual(['audit']);
  });

  test('when length is what is paid for, up or down', () => {
    const longer = warningsOf((share, random) => { const tokens = Math.round(20 + 60 * share + 10 * random.uniform()); return { tokens, reward: tokens / 100 }; });
    expect(checksOf(longer)).toEqual(['length']);
    expect(longer[0]?.message).toMatch(/answers grow longer.*\(tokens \d\d\.\d -> \d\d\.\d\)/);
    const shorter = warningsOf((share, random) => { const tokens = Math.round(90 - 70 * share + 10 * random.uniform()); return { tokens, reward: 1 - tokens / 100 }; });
    expect(shorter[0]?.message).toContain('answers grow shorter');
  });

  test('when repetition is what is paid for', () => {
    const warnings = warningsOf((share, random) => {
      const times = Math.round(1 + 6 * share + 3 * random.uniform());
      return { reward: times / 10, text: 'I am very sure of it. '.repeat(times) };
    });
    expect(checksOf(warnings)).toEqual(['repetition']);
  });

  test.each([
    ['empty', () => '...'],
    ['copied', (row: number) => `please answer question number ${row} of the list`],
    ['stock', () => 'The answer follows from the question.'],
  ] as const)('when more answers are %s', (check, textOf) => {
    const warnings = warningsOf((share, random, row) => {
      const lazy = random.uniform() < share;
      return { reward: lazy ? 1 : chance(0.2, random), prompt: `please answer question number ${row} of the list`, ...(lazy ? { text: textOf(row) } : {}) };
    });
    expect(checksOf(warnings)).toEqual([check]);
  });

  test('is not told again at every step', () => {
    expect(warningsOf((share, random) => ({ reward: chance(climbing(share), random), audit: chance(0.9 - 0.9 * share, random) }))).toHaveLength(1);
  });
});

test('a run that is taken up again is compared with its beginning', () => {
  const observe = (watch: RewardWatch, step: number, reward: number, audit: number) =>
    watch.observe(step, [[0, 1, 2].map((index): WatchedRollout => ({ row: 1, index, prompt: 'p', text: `${step}`, tokens: 5, truncated: false, reward: reward + 0.01 * (step % 2), audit: audit + 0.01 * (step % 2) }))]);
  const before = new RewardWatch();
  const history = [1, 2, 3].map((step) => ({ step, measures: observe(before, step, 0.2, 0.8).measures }));
  const after = new RewardWatch();
  after.restore({ measures: history, warned: [] });
  const told = new RewardWatch();
  told.restore({ measures: history, warned: [{ check: 'audit', step: 3 }] });
  expect([4, 5, 6].flatMap((step) => observe(told, step, 0.8, 0.2).warnings)).toEqual([]);
  const warnings = [4, 5, 6].flatMap((step) => observe(after, step, 0.8, 0.2).warnings);
  expect(warnings).toMatchObject([{ check: 'audit', step: 6, metrics: { rewardBefore: expect.closeTo(0.21, 2), before: expect.closeTo(0.81, 2) } }]);
});
