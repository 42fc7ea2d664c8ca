/** A task on the embedded model whose grader fails now and then: `R5_TEST_FAILS` of ten answers are lost. */
import { defineTask } from '../task/task.ts';
import { LostRollout } from '../task/lost-rollout.ts';

const rows = Array.from({ length: 34 }, (_, i) => ({ number: 100 + i }));
let count = 0;

export default defineTask<{ number: number }>({
  name: 'unreliable',
  description: 'Short answers, of which the grader sometimes cannot say anything.',
  train: () => rows.slice(2),
  test: () => rows.slice(0, 2),
  prompt: ({ number }) => `the number ${number}`,
  maxTokens: 6,
  score: ({ number }, { text }) => {
    // Held-out answers are always graded.
    if (number >= 102 && count++ % 10 < Number(process.env.R5_TEST_FAILS ?? 0)) throw new LostRollout('the judge answered 429 for a minute');
    return { reward: (text.length % 7) / 7, verdict: 'wrong' };
  },
});
