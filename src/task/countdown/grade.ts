import { answerLine } from '../answer-line.ts';
import type { Answer, Score } from '../task.ts';
import { hasValue, numbersIn, parseExpression } from './expression.ts';
import type { CountdownRow } from './row.ts';

/**
 * Reward 1 when the last line is `answer: ` and an expression that uses every given number exactly once and has exactly the target as
 * its value, in rational arithmetic. 0 otherwise: `wrong` for an expression that does not, `unparsable` where there is none.
 */
export function gradeCountdown(row: CountdownRow, answer: Answer): Score {
  const line = answerLine(answer);
  const expression = line === undefined ? undefined : parseExpression(line);
  if (expression === undefined) return { reward: 0, verdict: 'unparsable' };
  const used = numbersIn(expression).sort((a, b) => a - b).join(' ');
  const given = row.numbers.toSorted((a, b) => a - b).join(' ');
  const correct = used === given && hasValue(expression, row.target);
  return correct ? { reward: 1, verdict: 'correct' } : { reward: 0, verdict: 'wrong' };
}
