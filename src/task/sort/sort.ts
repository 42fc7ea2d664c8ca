import { Random } from '../../random.ts';
import { defineTask } from '../task.ts';
import type { WorkedTask } from '../traces.ts';
import { gradeSort } from './grade.ts';
import { drawSortRow, inOrder, isHeldOutSort, sortTest, sortTrain } from './row.ts';
import type { SortRow } from './row.ts';
import { answerText, sortHabits, sortTrace } from './traces.ts';

/** Wrong in the ways in which answers are wrong: each must score less than full marks. */
function corruptions(row: SortRow): string[] {
  const right = inOrder(row);
  const list = right.join(' ');
  return [
    '',
    list,
    answerText([]),
    answerText(right.slice(1)),
    answerText(right.toReversed()),
    answerText([...right, ...right.slice(-1)]),
    answerText([...right.slice(0, -1), 'zzz']),
    `answer: ${right.join(', ')}`,
    `answer: ${list.toUpperCase()}`,
    `${answerText(right)}\nIs that right?`,
  ];
}

/** Put words in alphabetical order. */
export const sort = defineTask<SortRow>({
  name: 'sort',
  description: 'Put 5 to 8 words in alphabetical order.',
  train: sortTrain,
  test: sortTest,
  prompt: (row) => `Sort: ${row.words.join(' ')}.\n`,
  maxTokens: 96,
  score: gradeSort,
  solution: (row) => sortTrace(row, sortHabits.careful, new Random(0)),
  corruptions,
});

/** Sorting with problems without end and worked solutions of every quality. */
export const workedSort: WorkedTask<SortRow> = {
  task: sort,
  drawRow: drawSortRow,
  isHeldOut: isHeldOutSort,
  trace: (row, quality, random, habits = sortHabits[quality]) => sortTrace(row, habits, random),
};
