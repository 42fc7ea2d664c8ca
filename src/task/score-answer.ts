/** Calls a task's graders and checks what they return. */
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { LostRollout } from './lost-rollout.ts';
import { describe, messageOf } from './rows.ts';
import type { Answer, Score, Task } from './task.ts';

const scoreSchema = z.object({
  reward: z.number(),
  verdict: z.enum(['correct', 'wrong', 'unparsable']),
  parts: z.record(z.string(), z.number()).optional(),
  notes: z.record(z.string(), z.string()).optional(),
});

/**
 * The score of an answer, checked: `reward` and every part are finite numbers and the verdict is one of the three. `place` names the row
 * in errors, for example `test row 12`; without it the row itself is shown.
 * @throws LostRollout when the task's `score` does.
 * @throws R5Error when it throws anything else, or returns something that is no score.
 */
export async function scoreAnswer<Row>(task: Pick<Task<Row>, 'name' | 'score'>, row: Row, answer: Answer, place?: string): Promise<Score> {
  const where = placeOf(task, row, place);
  const score = await called(`${where}: score()`, ` on the answer ${describe(answer.text)}`, () => task.score(row, answer));
  return checkedScore(score, `${where}: score()`, answer);
}

/**
 * The scores of a group's answers after the task's `scoreGroup` has seen them all, checked like single ones; `scores` as they are where the
 * task has none.
 * @throws LostRollout when the task's `scoreGroup` does: it could say nothing about the whole group.
 * @throws R5Error when it throws anything else, or does not return one score an answer.
 */
export async function scoreGroupOf<Row>(task: Task<Row>, row: Row, answers: readonly Answer[], scores: readonly Score[], place?: string): Promise<readonly Score[]> {
  if (!task.scoreGroup) return scores;
  const where = `${placeOf(task, row, place)}: scoreGroup()`;
  const grouped: unknown = await called(where, ` on ${answers.length} answers`, () => task.scoreGroup?.(row, answers, scores));
  if (!Array.isArray(grouped) || grouped.length !== answers.length) {
    throw new R5Error(`${where} returned ${describe(grouped)} for ${answers.length} answers; it must return a list with one score an answer.`);
  }
  return answers.map((answer, i) => checkedScore(grouped[i], where, answer));
}

/**
 * What the task's independent check says of an answer; undefined where the task has none.
 * @throws LostRollout when the task's `audit` does.
 * @throws R5Error when it throws anything else, or returns something that is no finite number.
 */
export async function auditAnswer<Row>(task: Task<Row>, row: Row, answer: Answer, place?: string): Promise<number | undefined> {
  if (!task.audit) return undefined;
  const where = `${placeOf(task, row, place)}: audit()`;
  const value: unknown = await called(where, ` on the answer ${describe(answer.text)}`, () => task.audit?.(row, answer));
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new R5Error(`${where} returned ${describe(value)} for the answer ${describe(answer.text)}; it must return a finite number.`);
}

const placeOf = <Row>(task: Pick<Task<Row>, 'name'>, row: Row, place: string | undefined): string => `The task "${task.name}", ${place ?? `row ${describe(row)}`}`;

async function called(what: string, on: string, call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof LostRollout) throw error;
    throw new R5Error(`${what} threw${on}: ${messageOf(error)}`, { cause: error });
  }
}

function checkedScore(score: unknown, what: string, answer: Answer): Score {
  const checked = scoreSchema.safeParse(score);
  if (!checked.success) {
    const issue = checked.error.issues[0];
    const field = issue === undefined || issue.path.length === 0 ? 'the score' : issue.path.join('.');
    throw new R5Error(
      `${what} returned ${describe(score)} for the answer ${describe(answer.text)}; ${field} is not right ` +
        "(reward: a finite number; verdict: 'correct', 'wrong' or 'unparsable'; parts, if given: finite numbers by name; notes: texts by name).",
    );
  }
  const { reward, verdict, parts, notes } = checked.data;
  return { reward, verdict, ...(parts === undefined ? {} : { parts }), ...(notes === undefined ? {} : { notes }) };
}
