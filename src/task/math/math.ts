/** Problems whose answer is an expression: any dataset with worked solutions that end in `\boxed{...}`, or with a column of answers. */
import { z } from 'zod';
import { R5Error } from '../../error.ts';
import { dataSets, type DataOptions } from '../data-rows.ts';
import { defineTask, type Task } from '../task.ts';
import { finalAnswer } from './final-answer.ts';
import { gradeMathAnswer } from './grade.ts';

const schema = z
  .looseObject({ problem: z.string().min(1), solution: z.string().optional(), answer: z.union([z.string(), z.number()]).optional() })
  .refine(({ solution, answer }) => solution !== undefined || answer !== undefined, 'needs a solution or an answer');
export type MathRow = z.output<typeof schema>;

function reference({ answer, solution, problem }: MathRow): string {
  const found = answer === undefined ? finalAnswer(solution ?? '') : String(answer);
  if (found === undefined || found.trim() === '') {
    throw new R5Error(`math: the problem ${JSON.stringify(problem.slice(0, 60))} has neither an answer nor a solution with \\boxed{}.`);
  }
  return found;
}

/** The task, over a dataset with the columns `problem` and `solution` (its answer in a box) or `answer`. */
export function mathTask(options: DataOptions = {}): Task<MathRow> {
  return defineTask<MathRow>({
    name: 'math',
    description: 'Problems with an answer in \\boxed{}, graded by what it means; needs --data.',
    ...dataSets({ task: 'math', options, schema }),
    prompt: ({ problem }) => `${problem}\n\nReason step by step, and put your final answer within \\boxed{}.\n\n`,
    asksAsUser: true,
    maxTokens: 1024,
    score: (row, { text, stopReason }) => gradeMathAnswer(finalAnswer(text, { complete: stopReason === 'stop' }), reference(row)),
    solution: (row) => (row.solution?.includes('\\boxed') ? row.solution : `\\boxed{${reference(row)}}`),
    corruptions: (row) => {
      const right = reference(row);
      return ['', '\\boxed{}', right, `\\boxed{${right}, 17}`, `\\boxed{(${right}) + 1}`, `\\boxed{${right}`, `The answer is ${right} or not.`];
    },
  });
}
