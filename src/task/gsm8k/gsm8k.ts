/** GSM8K (Cobbe et al. 2021): word problems of school mathematics with a whole number as the answer, after `####`. */
import { z } from 'zod';
import { R5Error } from '../../error.ts';
import { dataSets, type DataOptions } from '../data-rows.ts';
import { finalAnswer } from '../math/final-answer.ts';
import { gradeMathAnswer } from '../math/grade.ts';
import { defineTask, type Task } from '../task.ts';

const schema = z.looseObject({ question: z.string().min(1), answer: z.string().min(1) });
export type Gsm8kRow = z.output<typeof schema>;

const INSTRUCTION = 'Solve the problem step by step. End with a line that holds #### and the answer as a number.';

/** What stands after `####`; as a percentage where the question asks for one, so that 25 and 25 % are both right. */
function reference({ answer, question }: Gsm8kRow): string {
  const marked = /####\s*(.+)\s*$/.exec(answer)?.[1];
  if (marked === undefined) throw new R5Error(`gsm8k: the answer to ${JSON.stringify(question.slice(0, 60))} has no final number after ####.`);
  return asksForPercent(question) ? `${marked.trim()}%` : marked.trim();
}

const asksForPercent = (question: string): boolean => /\b(?:what|which|how many) percent(?:age)?\b|\bpercentage\b[^.?]*\?\s*$/i.test(question);

/** Calculator notes of the dataset, `<<3*4=12>>`, which no one should learn to write. */
const withoutNotes = (answer: string): string => answer.replace(/<<[^>]*>>/g, '');

/**
 * The task, over the dataset `openai/gsm8k` or one with the columns `question` and `answer`. An answer counts as `finalAnswer` finds it and
 * `gradeMathAnswer` reads it.
 */
export function gsm8k(options: DataOptions = {}): Task<Gsm8kRow> {
  return defineTask<Gsm8kRow>({
    name: 'gsm8k',
    description: 'Word problems of school mathematics (GSM8K); the answer stands after ####.',
    ...dataSets({ task: 'gsm8k', options, standard: 'openai/gsm8k:main', schema }),
    prompt: ({ question }) => `${question}\n\n${INSTRUCTION}\n\n`,
    asksAsUser: true,
    maxTokens: 400,
    score: (row, { text, stopReason }) => gradeMathAnswer(finalAnswer(text, { complete: stopReason === 'stop' }), reference(row)),
    solution: ({ answer }) => withoutNotes(answer),
    corruptions: (row) => {
      const right = reference(row).replace('%', '');
      const working = withoutNotes(row.answer).replace(/####.*$/s, '');
      const wrong = [`${right}1`, `-${right}5`, `${right} or 0`, `${right}0.5`, `x = ${right} + 1`, '', 'x'];
      return ['', working, ...wrong.map((answer) => `${working}#### ${answer}`)];
    },
  });
}
