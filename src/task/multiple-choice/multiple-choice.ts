/** Questions with choices A, B, C, ...; the answer is the letter. */
import { z } from 'zod';
import { dataSets, type DataOptions } from '../data-rows.ts';
import { defineTask, type Score, type Task } from '../task.ts';
import { chosenLetter, LETTERS } from './chosen-letter.ts';

const texts = z.array(z.string()).min(2).max(LETTERS.length);

const FORMS = 'give a letter, a number from 0, or the text';

const schema = z
  .looseObject({
    question: z.string().min(1),
    choices: z.union([texts, z.looseObject({ text: texts, label: z.array(z.string()) })]).optional(),
    answer: z.union([z.string().min(1), z.number()]),
  })
  .transform((row, context) => {
    const columns = [...LETTERS].map((letter) => row[letter]).filter((value) => value !== undefined && value !== null);
    const choices = row.choices === undefined ? columns.map(String) : 'text' in row.choices ? row.choices.text : row.choices;
    const labels = row.choices !== undefined && 'text' in row.choices ? row.choices.label : [];
    const right = choiceOf(row.answer, choices, labels);
    if (choices.length < 2) context.addIssue('needs choices: a list, or columns A, B, ...');
    else if (right === undefined) context.addIssue(`the answer ${JSON.stringify(row.answer)} is none of the choices; ${FORMS}`);
    return { question: row.question, choices, right: right ?? 0 };
  });
export type ChoiceRow = z.output<typeof schema>;

/** Place of the right choice by its label, its text, its letter or its number from 0, in this order. */
function choiceOf(answer: string | number, choices: readonly string[], labels: readonly string[]): number | undefined {
  if (typeof answer === 'string') {
    const named = labels.includes(answer) ? labels.indexOf(answer) : choices.indexOf(answer);
    if (named >= 0) return named;
  }
  const index = typeof answer === 'number' || /^\d+$/.test(answer) ? Number(answer) : LETTERS.indexOf(answer.trim().toUpperCase());
  return Number.isInteger(index) && index >= 0 && index < choices.length ? index : undefined;
}

const INSTRUCTION = 'Think, then end with a line "Answer: " and the letter.';

const letterOf = (index: number): string => LETTERS[index] ?? '';

/**
 * The task, over a dataset with the columns `question`, `choices` (a list of texts, or texts with labels) or A, B, ..., and `answer` (the
 * letter or label, the number from 0, or the text of the right choice). `chosenLetter` says what counts as an answer.
 */
export function multipleChoice(options: DataOptions = {}): Task<ChoiceRow> {
  return defineTask<ChoiceRow>({
    name: 'multiple-choice',
    description: 'Questions with lettered choices; needs --data.',
    ...dataSets({ task: 'multiple-choice', options, schema }),
    prompt: ({ question, choices }) => `${question}\n${choices.map((choice, i) => `${letterOf(i)}. ${choice}`).join('\n')}\n\n${INSTRUCTION}\n\n`,
    asksAsUser: true,
    maxTokens: 400,
    score: ({ choices, right }, { text, stopReason }): Score => {
      const letter = chosenLetter(text, choices, { complete: stopReason === 'stop' });
      if (letter === undefined || LETTERS.indexOf(letter) >= choices.length) return { reward: 0, verdict: 'unparsable' };
      return letter === letterOf(right) ? { reward: 1, verdict: 'correct' } : { reward: 0, verdict: 'wrong' };
    },
    solution: ({ right }) => `Answer: ${letterOf(right)}`,
    corruptions: ({ choices, right }) => {
      const letters = choices.map((_, i) => letterOf(i));
      const wrong = letters.filter((_, i) => i !== right).map((letter) => `Answer: ${letter}`);
      const several = [letters.join(' or '), letters.join(', '), `not ${letterOf(right)}`, ''].map((text) => `Answer: ${text}`);
      return ['', ...wrong, ...several, 'I do not know.'];
    },
  });
}
