import { Random } from '../../random.ts';
import { defineTask } from '../task.ts';
import type { WorkedTask } from '../traces.ts';
import { formatExpression } from './expression.ts';
import { gradeCountdown } from './grade.ts';
import { countdownTest, countdownTrain, drawCountdownRow, isHeldOutCountdown } from './row.ts';
import type { CountdownRow } from './row.ts';
import { countdownHabits, countdownTrace } from './traces.ts';

function solution(row: CountdownRow): string {
  return countdownTrace(row, countdownHabits.careful, new Random(0));
}

/** Wrong in the ways in which answers are wrong: each must score less than full marks. */
function corruptions(row: CountdownRow): string[] {
  const right = solution(row);
  const expression = right.slice(right.lastIndexOf(' ') + 1);
  const [a, b, c] = row.numbers;
  return [
    '',
    expression,
    right.slice(0, right.lastIndexOf('\n')),
    `answer: ${row.target}`,
    `answer: ${expression}=${row.target}`,
    `answer: ${expression}+0`,
    `answer: ${expression}+${a}-${a}`,
    `answer: -(${expression})`,
    `answer: (${expression}`,
    `answer: ${formatExpression({ operator: '+', left: a, right: b })}`,
    `answer: Number(${a}${b}${c})`,
    `${right}\nanswer: `,
    `${right}\nIs that right?`,
  ];
}

/** Reach a target from three numbers. */
export const countdown = defineTask<CountdownRow>({
  name: 'countdown',
  description: 'Reach a target from three numbers with + - * /, using each number exactly once.',
  train: countdownTrain,
  test: countdownTest,
  prompt: (row) => `Make ${row.target} from ${row.numbers.join(' ')}.\n`,
  maxTokens: 320,
  score: gradeCountdown,
  solution,
  corruptions,
});

/** Countdown with problems without end and worked solutions of every quality. */
export const workedCountdown: WorkedTask<CountdownRow> = {
  task: countdown,
  drawRow: drawCountdownRow,
  isHeldOut: isHeldOutCountdown,
  trace: (row, quality, random, habits = countdownHabits[quality]) => countdownTrace(row, habits, random),
};
