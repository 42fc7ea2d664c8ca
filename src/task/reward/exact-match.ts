import { wholeText, referencesOf, type Component, type Reader, type Reference } from './component.ts';
import { normalizeAnswer } from './squad-normalization.ts';

/**
 * 1 for an answer that is one of the right ones after SQuAD's normalization, else 0. `read` finds what counts in the text (`answerLine`,
 * `finalAnswer`); the default is all of it. `unparsable` where there is nothing to read.
 */
export function exactMatch<Row>(reference: Reference<Row>, { read = wholeText }: { read?: Reader } = {}): Component<Row> {
  return (row, answer) => {
    const given = normalizeAnswer(read(answer) ?? '');
    if (given === '') return { reward: 0, verdict: 'unparsable' };
    const right = referencesOf(reference, row).some((text) => normalizeAnswer(text) === given);
    return right ? { reward: 1, verdict: 'correct' } : { reward: 0, verdict: 'wrong' };
  };
}
