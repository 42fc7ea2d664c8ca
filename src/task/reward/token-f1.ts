import { wholeText, referencesOf, type Component, type Reader, type Reference } from './component.ts';
import { answerWords } from './squad-normalization.ts';

/**
 * The F1 score of the answer's words against those of the right answer, as in SQuAD, and of several right answers the best one. Only 1 is
 * `correct`. `read` is that of `exactMatch`.
 */
export function tokenF1<Row>(reference: Reference<Row>, { read = wholeText }: { read?: Reader } = {}): Component<Row> {
  return (row, answer) => {
    const given = answerWords(read(answer) ?? '');
    if (given.length === 0) return { reward: 0, verdict: 'unparsable' };
    const reward = Math.max(0, ...referencesOf(reference, row).map((text) => f1(given, answerWords(text))));
    return { reward, verdict: reward === 1 ? 'correct' : 'wrong' };
  };
}

/** Harmonic mean of precision and recall over words, each counted as often as it stands there. */
function f1(given: readonly string[], right: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of right) left.set(word, (left.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of given) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    shared++;
  }
  return shared === 0 ? 0 : (2 * shared) / (given.length + right.length);
}
