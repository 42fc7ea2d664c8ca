import { describe, expect, test } from 'vitest';
import { R5Error } from '../error.ts';
import { scoreAnswer } from './score-answer.ts';
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
