import { describe, expect, test } from 'vitest';
import { gradeCountdown } from './grade.ts';

const row = { numbers: [3, 7, 12], target: 33 } as const;
const grade = (text: string, stopReason: 'stop' | 'length' = 'stop') => gradeCountdown(row, { text, tokens: 9, stopReason });
const correct = { reward: 1, verdict: 'correct' };
const wrong = { reward: 0, verdict: 'wrong' };
const unparsable = { reward: 0, verdict: 'unparsable' };

describe('gradeCountdown', () => {
  test('gives full marks for any expression that makes the target from all numbers', () => {
    for (const answer of ['3*7+12', '12+7*3', '(12) + (3 * 7)', '12+3*7']) expect(grade(`answer: ${answer}`), answer).toEqual(correct);
    expect(grade('3+7=10: 10+12=99\nanswer: 3*7+12\n')).toEqual(correct);
    expect(gradeCountdown({ numbers: [8, 3, 8], target: 3 }, { text: 'answer: 8/8*3', tokens: 9, stopReason: 'stop' })).toEqual(correct);
  });

  test('calls a well-formed expression that does not wrong', () => {
    const answers = ['3*7-12', '33', '3*11', '3*7+12+3-3', '3*7+12*1', '21+12', '37-4', '3*7', '3/(7-7)+12', '12-3*7', '9999*9999'];
    for (const answer of answers) expect(grade(`answer: ${answer}`), answer).toEqual(wrong);
    expect(gradeCountdown({ numbers: [2, 2, 2], target: 4 }, { text: 'answer: 2+2', tokens: 9, stopReason: 'stop' })).toEqual(wrong);
  });

  test('calls everything else unparsable, and runs none of it', () => {
    const answers = ['3*7+12=33', '3*7+12.', '`3*7+12`', '-3*-7+12', '3*7+12;throw 1', 'process.exit()', '3*7+12 or 12+21', '$3*7+12$', ''];
    for (const answer of answers) expect(grade(`answer: ${answer}`), answer).toEqual(unparsable);
    for (const text of ['', '3*7+12', 'answer: 3*7+12\nthat is 33', 'the answer is 3*7+12']) expect(grade(text), text).toEqual(unparsable);
  });

  test('never rewards the prefix of an answer that was cut off', () => {
    expect(grade('answer: 3*7+12', 'length')).toEqual(unparsable);
    expect(grade('answer: 3*7+12\n', 'length')).toEqual(correct);
    expect(grade('answer: 3*7+12\n3+7', 'length')).toEqual(unparsable);
  });
});
