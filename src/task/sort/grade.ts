import { answerLine } from '../answer-line.ts';
import type { Answer, Score } from '../task.ts';
import { inOrder } from './row.ts';
import type { SortRow } from './row.ts';

/** The wrong order earns less than this. */
const mostForWrongOrder = 0.5;

/**
 * Reward 1 when the last line is `answer: ` and the words in alphabetical order, one blank between them. An answer with exactly the
 * given words in another order earns half of the share of its pairs that are in order (the part `pairsInOrder`); one with other words
 * earns 0. `unparsable` where the line is not a list of lower-case words.
 */
export function gradeSort(row: SortRow, answer: Answer): Score {
  const line = answerLine(answer);
  if (line === undefined || !/^[a-z]+( [a-z]+)*$/.test(line)) return { reward: 0, verdict: 'unparsable', parts: { pairsInOrder: 0 } };
  const given = line.split(' ');
  const right = inOrder(row);
  if (given.join(' ') === right.join(' ')) return { reward: 1, verdict: 'correct', parts: { pairsInOrder: 1 } };
  const sameWords = inOrder({ words: given }).join(' ') === right.join(' ');
  const share = sameWords ? pairsInOrder(given) : 0;
  return { reward: mostForWrongOrder * share, verdict: 'wrong', parts: { pairsInOrder: share } };
}

/** Share of all pairs of words of which the earlier one comes first in the alphabet. */
export function pairsInOrder(words: readonly string[]): number {
  let ordered = 0;
  let pairs = 0;
  words.forEach((word, i) => {
    for (const later of words.slice(i + 1)) {
      pairs++;
      if (word < later) ordered++;
    }
  });
  return pairs === 0 ? 1 : ordered / pairs;
}
