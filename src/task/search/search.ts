import { answerLine } from '../answer-line.ts';
import { normalizeAnswer } from '../reward/squad-normalization.ts';
import { defineTask, type Answer, type Score } from '../task.ts';
import { encyclopaedia } from './encyclopaedia.ts';
import { searchTest, searchTrain, type SearchRow } from './row.ts';
import { SEARCH_TOOL, searchTool } from './search-tool.ts';
import { answerText } from './traces.ts';

/** Wrong in the ways in which answers are wrong: each must score less than full marks. */
function corruptions({ answer, searches }: SearchRow): string[] {
  return [
    '',
    answer,
    `The answer is ${answer}.`,
    answerText(''),
    answerText(searches[0] ?? ''),
    answerText(`${answer} or ${searches[0]}`),
    answerText(answer.slice(0, -1)),
    `${answerText(answer)}\nIs that right?`,
    ...(searches[1] === undefined ? [] : [answerText(searches[1])]),
  ];
}

/** Full marks for the right name or year on the answer line, whatever its case. */
function gradeSearch(row: SearchRow, answer: Answer): Score {
  const given = normalizeAnswer(answerLine(answer) ?? '');
  if (given === '') return { reward: 0, verdict: 'unparsable' };
  return given === normalizeAnswer(row.answer) ? { reward: 1, verdict: 'correct' } : { reward: 0, verdict: 'wrong' };
}

const tools = [searchTool(() => encyclopaedia().index())];

/** Find out, with a search tool, what stands only in the encyclopaedia. */
export const search = defineTask<SearchRow>({
  name: 'search',
  description: 'Answer questions of one and two hops with a search tool over an encyclopaedia of invented things.',
  train: searchTrain,
  test: searchTest,
  prompt: ({ question }) => question,
  system: 'Search the encyclopaedia for what you need; nothing of it is known elsewhere. Write the answer alone on the last line, as in "answer: Brakodan".',
  tools: () => tools,
  limits: { turns: 5 },
  maxTokens: 128,
  score: gradeSearch,
  solution: ({ answer }) => answerText(answer),
  solutionCalls: ({ searches }) => searches.map((query) => ({ name: SEARCH_TOOL, arguments: { query } })),
  corruptions,
});
