import { finalAnswer } from '../math/final-answer.ts';
import { gradeMathAnswer } from '../math/grade.ts';
import { referencesOf, type Component, type Reader } from './component.ts';

const readFinal: Reader = ({ text, stopReason }) => finalAnswer(text, { complete: stopReason === 'stop' });

/** 1 when the final answer means the same as the reference (see `gradeMathAnswer`), else 0. `read` finds the final answer; default `finalAnswer`. */
export function mathAnswer<Row>(reference: (row: Row) => string, { read = readFinal }: { read?: Reader } = {}): Component<Row> {
  return (row, answer) => {
    const [right = ''] = referencesOf(reference, row);
    return gradeMathAnswer(read(answer), right);
  };
}
