import { expect, test } from 'vitest';
import { isCopyOf, isEmptyText, repetitionOf, wordsOf } from './text-measures.ts';

test('words are words, numbers and single signs', () => {
  expect(wordsOf('So 3+41=44,\n naïve!')).toEqual(['So', '3', '+', '41', '=', '44', ',', 'naïve', '!']);
});

test.each([
  ['', 0],
  ['one two three', 0],
  ['one two three four five six', 0],
  ['a b c d a b c d', 1 / 5],
  ['ha ha ha ha ha ha ha ha', 4 / 5],
])('repetition of %j is %d', (text, share) => {
  expect(repetitionOf(wordsOf(text))).toBeCloseTo(share, 10);
});

test.each([['', true], [' \n', true], ['...', true], ['<>', true], ['x', false], ['7', false], ['猫', false]])('%j says nothing: %s', (text, empty) => {
  expect(isEmptyText(text)).toBe(empty);
});

const prompt = 'Put these words in order: pear apple fig plum cherry';
test.each([
  ['pear apple fig plum cherry', true],
  ['answer: pear apple fig plum cherry', true],
  ['so the answer is pear apple fig plum cherry', false],
  ['words in order: pear apple fig plum cherry', true],
  ['apple cherry fig pear plum', false],
  ['fig plum', false],
  ['Put these words in order: pear apple fig plum cherry. I see: they are apple, then cherry, then fig, then pear and plum last', false],
])('%j is copied from its prompt: %s', (text, copied) => {
  expect(isCopyOf(wordsOf(text), wordsOf(prompt))).toBe(copied);
});
