/** Questions with choices A, B, C, ...; the answer is the letter. */
import { z } from 'zod';
import { dataSets, type DataOptions } from '../data-rows.ts';
import { defineTask, type Score, type Task } from '../task.ts';

const LETTERS = 'ABCDEFGHIJ';

const schema = z
  .looseObject({ question: z.string().min(1), choices: z.array(z.string()).min(2).max(LETTERS.length).optional(), answer: z.union([z.string(), z.number()]) })
  .transform((row, context) => {
    const columns = [...LETTERS].map((letter) => row[letter]).filter((value) => value !== undefined && value !== null);
    const choices = row.choices ?? columns.map(String);
    const right = choiceOf(row.answer, choices);
    if (choices.length < 2) context.addIssue('needs choices: a list, or columns A, B, ...');
    else if (right === undefined) context.addIssue(`the answer ${JSON.stringify(row.answer)} is none of the choices (a letter, a number from 0, or the text)`);
    return { question: row.question, choices, right: right ?? 0 };
  });
export type ChoiceRow = z.output<typeof schema>;

function choiceOf(answer: string | number, choices: readonly string[]): number | undefined {
  const byText = choices.indexOf(String(answer));
  if (typeof answer === 'string' && byText >= 0) return byText;
  const index = typeof answer === 'number' || /^\d+$/.test(answer) ? Number(answer) : LETTERS.indexOf(answer.trim().toUpperCase());
  return Number.isInteger(index) && index >= 0 && index < choices.length ? index : undefined;
}

const letterOf = (index: number): string => LETTERS[index] ?? '';

/**
 * The letter that a text ends on: in `\boxed{B}`, after "answer is" or "answer:", or alone on the last line, with or without brackets.
 * Undefined when there is none, or when the place names more than one.
 */
export function chosenLetter(text: string): string | undefined {
  const end = text.slice(-4000).trimEnd();
  const boxed = [...end.matchAll(/\\boxed\{([^}]*)\}/g)].at(-1)?.[1];
  const said = [...end.matchAll(/\banswer(?:\s+is|\s*:|\s*=)\s*:?\s*([^\n]*)/gi)].at(-1)?.[1];
  const place = boxed ?? said ?? end.split('\n').at(-1) ?? '';
  const letter = /^[\s*(["']*(?:\\text\{)?\(?([A-J])\)?(?:\}|[).:\]"'*\s]|$)/.exec(place)?.[1];
  if (letter === undefined) return undefined;
  const others = [...place.matchAll(/(?:\b(?:or|and)\s+|[,/]\s*)\(?([A-J])\)?(?![a-zA-Z])/g)];
  return others.some(([, other]) => other !== letter) ? undefined : letter;
}

export function multipleChoice(options: DataOptions = {}): Task<ChoiceRow> {
  return defineTask<ChoiceRow>({
    name: 'multiple-choice',
    description: 'Questions with lettered choices; needs --data.',
    ...dataSets({ task: 'multiple-choice', options, schema }),
    prompt: ({ question, choices }) =>
      `${question}\n${choices.map((choice, i) => `${letterOf(i)}. ${choice}`).join('\n')}\n\nThink, then end with a line "Answer: " and the letter.\n\n`,
    asksAsUser: true,
    maxTokens: 400,
    score: ({ choices, right }, { text }): Score => {
      const letter = chosenLetter(text);
      if (letter === undefined || LETTERS.indexOf(letter) >= choices.length) return { reward: 0, verdict: 'unparsable' };
      return letter === letterOf(right) ? { reward: 1, verdict: 'correct' } : { reward: 0, verdict: 'wrong' };
    },
    solution: ({ right }) => `Answer: ${letterOf(right)}`,
    corruptions: ({ right }) => ['', 'Answer: ', `Answer: ${letterOf(right === 0 ? 1 : 0)}`, `Answer: A or B`, 'I do not know.'],
  });
}
