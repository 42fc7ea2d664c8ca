/** The built-in task `research`: the questions of the search task over the embedded encyclopaedia, answered in sentences whose citations hold. */
import { defineTask, type Task } from '../../task/task.ts';
import { encyclopaedia } from '../../task/search/encyclopaedia.ts';
import type { Question } from '../../task/search/question.ts';
import { searchQuestions } from '../../task/search/row.ts';
import { statementOf } from '../../task/search/statement.ts';
import { SEARCH } from '../agent/research-tools.ts';
import { encyclopaediaSource } from '../sources/encyclopaedia.ts';
import type { ResearchRow } from './research-row.ts';
import { researchTask } from './research-task.ts';

export interface EncyclopaediaRow extends ResearchRow {
  /** One a fact: what to search for, what its article is called, and the sentence that says it. */
  steps: readonly { query: string; title: string; statement: string }[];
}

function rowOf({ text, subject, path: [first, second], middle, answer }: Question): EncyclopaediaRow {
  const found = middle ?? answer;
  const steps = [{ query: `about ${subject}`, title: subject, statement: statementOf(first, subject, found) }];
  const facts = [[subject, found]];
  if (second !== undefined) {
    steps.push({ query: `the ${first.label} ${found}`, title: found, statement: statementOf(second, found, answer) });
    facts.push([found, answer]);
  }
  return { question: text, facts, steps };
}

/** Ids of the articles that the steps' searches show, in the order in which they show them. */
function idsByTitle({ steps }: EncyclopaediaRow): Map<string, string> {
  const ids = new Map<string, string>();
  for (const { query } of steps) for (const { title } of encyclopaedia().index().search(query, 2)) if (!ids.has(title)) ids.set(title, `e${ids.size + 1}`);
  return ids;
}

/** What a whole answer says, with the ids that its steps' searches give. */
export function sentences(row: EncyclopaediaRow): { statement: string; id: string }[] {
  const ids = idsByTitle(row);
  return row.steps.map(({ statement, title }) => ({ statement, id: ids.get(title) ?? 'e0' }));
}

/** Cited sentences as an answer. */
export const written = (list: readonly { statement: string; id: string }[]): string => list.map(({ statement, id }) => `${statement} [${id}].`).join(' ');

/** Wrong in the ways in which cited answers are wrong. */
function corruptions(row: EncyclopaediaRow): string[] {
  const good = sentences(row);
  const last = good.at(-1) ?? { statement: '', id: '' };
  const answer = row.facts.at(-1)?.at(-1) ?? '';
  const articles = row.steps.flatMap(({ title }) => encyclopaedia().articles.find((article) => article.title === title) ?? []);
  return [
    '',
    answer,
    `${last.statement}.`,
    written(good.map(({ statement }) => ({ statement, id: 'e9' }))),
    written(good.map(({ statement, id }) => ({ statement: statement.replace(answer, 'Xolmarun'), id }))),
    `${written(good)} Xolmarun is a friend of Ada Zolun.`,
    // The whole of the articles holds too, and answers everything; it is no answer to the question.
    articles.map(({ text, title }) => text.split(/(?<=\.) /).map((sentence) => `${sentence.slice(0, -1)} [${idsByTitle(row).get(title)}].`).join(' ')).join(' ') + ` ${written(good)}`,
    ...(good.length < 2 ? [] : [written(good.slice(1)), written(good.slice(0, 1)), written(good.map(({ statement }, i) => ({ statement, id: good[1 - i]?.id ?? '' })))]),
  ];
}

export const research: Task<EncyclopaediaRow> = defineTask({
  ...researchTask<EncyclopaediaRow>({
    description: 'Answer questions of one and two hops over an encyclopaedia of invented things, with citations that code verifies.',
    sources: [encyclopaediaSource()],
    train: () => searchQuestions('train').map(rowOf),
    test: () => searchQuestions('test').map(rowOf),
    turns: 5,
    maxTokens: 192,
  }),
  solution: (row) => written(sentences(row)),
  solutionCalls: ({ steps }) => steps.map(({ query }) => ({ name: SEARCH, arguments: { query } })),
  corruptions,
});
