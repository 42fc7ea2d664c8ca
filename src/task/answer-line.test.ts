import { describe, expect, test } from 'vitest';
import { answerLine } from './answer-line.ts';

const stopped = (text: string) => answerLine({ text, tokens: 1, stopReason: 'stop' });
const cutOff = (text: string) => answerLine({ text, tokens: 1, stopReason: 'length' });

describe('answerLine', () => {
  test('is the text behind the mark on the last line', () => {
    expect(stopped('3+7=10: 10+12=22\nanswer: 3+7')).toBe('3+7');
    expect(stopped('answer: 3+7')).toBe('3+7');
    expect(stopped('answer: 1\nanswer: 2')).toBe('2');
    expect(stopped('answer: 3+7 \n\n')).toBe('3+7');
    expect(stopped('answer: 3+7\r\n')).toBe('3+7');
  });

  test('is undefined where the last line is no answer line', () => {
    const texts = ['', '\n', '3+7', 'answer:3+7', 'answer: ', 'Answer: 3+7', ' answer: 3+7', 'the answer: 3+7', 'answer: 3+7\nright?'];
    for (const text of texts) {
      expect(stopped(text), JSON.stringify(text)).toBeUndefined();
    }
  });

  test('never takes a prefix that the length limit left', () => {
    expect(cutOff('answer: 3+7')).toBeUndefined();
    expect(cutOff('answer: 3+7 ')).toBeUndefined();
    expect(cutOff('answer: 3+7\n')).toBe('3+7');
    expect(cutOff('answer: 3+7\nanswer: 3')).toBeUndefined();
  });
});
