import { z } from 'zod';
import { R5Error } from '../error.ts';
import { describe, messageOf } from './rows.ts';
import type { Answer, Score, Task } from './task.ts';

const scoreSchema = z.object({
  reward: z.number(),
  verdict: z.enum(['correct', 'wrong', 'unparsable']),
  parts: z.record(z.string(), z.number()).optional(),
});

/**
 * The score of an answer, checked: `reward` and every part are finite numbers and the verdict is one of the three. `place` names the row
 * in errors, for example `test row 12`; without it the row itself is shown.
 * @throws R5Error when the task's `score` throws or returns anything else.
 */
export async function scoreAnswer<Row>(task: Task<Row>, row: Row, answer: Answer, place?: string): Promise<Score> {
  const where = `The task "${task.name}", ${place ?? `row ${describe(row)}`}`;
  let score: unknown;
  try {
    score = await task.score(row, answer);
  } catch (error) {
    throw new R5Error(`${where}: score() threw on the answer ${describe(answer.text)}: ${messageOf(error)}`, { cause: error });
  }
  const checked = scoreSchema.safeParse(score);
  if (!checked.success) {
    const issue = checked.error.issues[0];
    const field = issue === undefined || issue.path.length === 0 ? 'the score' : issue.path.join('.');
    throw new R5Error(
      `${where}: score() returned ${describe(score)} for the answer ${describe(answer.text)}; ${field} is not right ` +
        "(reward: a finite number; verdict: 'correct', 'wrong' or 'unparsable'; parts, if given: finite numbers by name).",
    );
  }
  const { reward, verdict, parts } = checked.data;
  return parts === undefined ? { reward, verdict } : { reward, verdict, parts };
}
