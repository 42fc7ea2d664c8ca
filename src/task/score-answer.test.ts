import { describe, expect, test } from 'vitest';
import { R5Error } from '../error.ts';
import { LostRollout } from './lost-rollout.ts';
import { auditAnswer, scoreAnswer, scoreGroupOf } from './score-answer.ts';
import { defineTask } from './task.ts';
import type { Answer, Task } from './task.ts';

const answer: Answer = { text: 'seven', tokens: 2, stopReason: 'stop' };

/** A task whose score gives back any value, as a user's JavaScript could. */
function scoring(score: () => unknown): Task<number> {
  const task = defineTask<number>({
    name: 'digits',
    description: 'Say a number.',
    train: () => [1],
    test: () => [2],
    prompt: String,
    maxTokens: 8,
    score: () => ({ reward: 0, verdict: 'wrong' }),
  });
  return { ...task, score: score as Task<number>['score'] };
}

describe('scoreAnswer', () => {
  test('passes a score through', async () => {
    const score = { reward: 0.5, verdict: 'wrong', parts: { style: -1 } };
    expect(await scoreAnswer(scoring(() => score), 7, answer)).toEqual(score);
    expect(await scoreAnswer(scoring(() => Promise.resolve({ reward: 1, verdict: 'correct' })), 7, answer)).toEqual({
      reward: 1,
      verdict: 'correct',
    });
  });

  test('names the task, the row and the answer when score throws', async () => {
    const cause = new TypeError('x is undefined');
    const failed = scoreAnswer(scoring(() => { throw cause; }), 7, answer, 'test row 12');
    await expect(failed).rejects.toMatchObject({
      name: 'R5Error',
      message: 'The task "digits", test row 12: score() threw on the answer "seven": x is undefined',
      cause,
    });
  });

  test('lets a lost rollout through as what it is', async () => {
    const lost = new LostRollout('the judge did not answer');
    await expect(scoreAnswer(scoring(() => { throw lost; }), 7, answer)).rejects.toBe(lost);
  });

  test('shows the row itself where its place is not known', async () => {
    const failed = scoreAnswer(scoring(() => Promise.reject(new Error('no'))), 7, answer);
    await expect(failed).rejects.toThrow('The task "digits", row 7: score() threw');
  });

  test('refuses everything that is no score, and shows it', async () => {
    const bad: [unknown, string][] = [
      [{ reward: NaN, verdict: 'wrong' }, 'returned {"reward":"NaN","verdict":"wrong"} for the answer "seven"; reward is not right'],
      [{ reward: Infinity, verdict: 'correct' }, 'reward is not right'],
      [{ reward: '1', verdict: 'correct' }, 'reward is not right'],
      [{ reward: 1, verdict: 'right' }, 'verdict is not right'],
      [{ reward: 1 }, 'verdict is not right'],
      [{ reward: 1, verdict: 'correct', parts: { style: NaN } }, 'parts.style is not right'],
      [1, 'returned 1 for the answer "seven"; the score is not right'],
      [undefined, 'returned undefined'],
      [null, 'returned null'],
    ];
    for (const [score, message] of bad) {
      const refused = scoreAnswer(scoring(() => score), 7, answer, 'train row 0');
      await expect(refused).rejects.toThrow(R5Error);
      await expect(refused).rejects.toThrow(message);
    }
  });
});

describe('scoreGroupOf', () => {
  const scores = [{ reward: 0, verdict: 'wrong' }, { reward: 1, verdict: 'correct' }] as const;
  const grouping = (scoreGroup: () => unknown): Task<number> => ({ ...scoring(() => scores[0]), scoreGroup: scoreGroup as NonNullable<Task<number>['scoreGroup']> });

  test('leaves the scores as they are for a task without it', async () => {
    expect(await scoreGroupOf(scoring(() => scores[0]), 7, [answer, answer], scores)).toBe(scores);
  });

  test('gives what the task made of them', async () => {
    const better = [{ reward: 0.5, verdict: 'wrong', parts: { rank: 1 }, notes: { rank: 'shorter' } }, scores[1]];
    expect(await scoreGroupOf(grouping(() => better), 7, [answer, answer], scores)).toEqual(better);
  });

  test('refuses a list that does not fit the answers', async () => {
    const place = 'The task "digits", train row 3: scoreGroup()';
    await expect(scoreGroupOf(grouping(() => [scores[0]]), 7, [answer, answer], scores, 'train row 3')).rejects.toThrow(`${place} returned [`);
    await expect(scoreGroupOf(grouping(() => [scores[0], {}]), 7, [answer, answer], scores, 'train row 3')).rejects.toThrow(`${place} returned {}`);
  });
});

describe('auditAnswer', () => {
  const auditing = (audit: () => unknown): Task<number> => ({ ...scoring(() => 0), audit: audit as NonNullable<Task<number>['audit']> });

  test('gives a number, or nothing for a task without it', async () => {
    expect(await auditAnswer(auditing(() => 0.25), 7, answer)).toBe(0.25);
    expect(await auditAnswer(scoring(() => 0), 7, answer)).toBeUndefined();
  });

  test('refuses anything else', async () => {
    await expect(auditAnswer(auditing(() => NaN), 7, answer, 'test row 1')).rejects.toThrow('test row 1: audit() returned NaN for the answer "seven"');
  });
});
