import { expect, test } from 'vitest';
import { stem } from './stem.ts';
import { queryWords, wordsOf } from './words.ts';

// The examples of Porter's paper, and words on which the steps act one after the other.
test.each([
  ['caresses', 'caress'], ['ponies', 'poni'], ['ties', 'ti'], ['caress', 'caress'], ['cats', 'cat'], ['feed', 'feed'], ['agreed', 'agre'], ['plastered', 'plaster'], ['bled', 'bled'],
  ['motoring', 'motor'], ['sing', 'sing'], ['conflated', 'conflat'], ['troubled', 'troubl'], ['sized', 'size'], ['hopping', 'hop'], ['tanned', 'tan'], ['falling', 'fall'], ['hissing', 'hiss'],
  ['fizzed', 'fizz'], ['failing', 'fail'], ['filing', 'file'], ['happy', 'happi'], ['sky', 'sky'], ['relational', 'relat'], ['conditional', 'condit'], ['rational', 'ration'],
  ['vietnamization', 'vietnam'], ['predication', 'predic'], ['operator', 'oper'], ['feudalism', 'feudal'], ['decisiveness', 'decis'], ['hopefulness', 'hope'], ['formaliti', 'formal'],
  ['sensibiliti', 'sensibl'], ['triplicate', 'triplic'], ['formative', 'form'], ['formalize', 'formal'], ['electrical', 'electr'], ['goodness', 'good'], ['revival', 'reviv'],
  ['allowance', 'allow'], ['inference', 'infer'], ['airliner', 'airlin'], ['adjustable', 'adjust'], ['replacement', 'replac'], ['adjustment', 'adjust'], ['dependent', 'depend'],
  ['adoption', 'adopt'], ['communism', 'commun'], ['activate', 'activ'], ['effective', 'effect'], ['bowdlerize', 'bowdler'], ['probate', 'probat'], ['rate', 'rate'], ['cease', 'ceas'],
  ['controll', 'control'], ['roll', 'roll'], ['generalizations', 'gener'], ['oscillators', 'oscil'],
])('%s has the stem %s', (word, expected) => {
  expect(stem(word)).toBe(expected);
});

test('forms of a word, accents and case do not matter', () => {
  expect(wordsOf('Connected connections CONNECTING')).toEqual(['connect', 'connect', 'connect']);
  expect(wordsOf('Zürich, zurich; Zu\u0308rich')).toEqual(['zurich', 'zurich', 'zurich']);
});

test('names of code are found by their parts and as a whole', () => {
  expect(wordsOf('parseHTTPHeader max_size')).toEqual(['pars', 'http', 'header', 'parsehttphead', 'max', 'size']);
});

test('scripts without spaces are cut into pairs of signs', () => {
  expect(wordsOf('東京都 is big')).toEqual(['東京', '京都', 'is', 'big']);
  expect(wordsOf('東京都の人口')).toContain('人口');
});

test('a question is its telling words; one that has no others keeps them all', () => {
  expect([...queryWords('What is the speed of the Wing, the wing?')]).toEqual([['speed', 1], ['wing', 2]]);
  expect([...queryWords('to be or not to be').keys()]).toEqual(['to', 'be', 'or', 'not']);
  expect(queryWords('?!').size).toBe(0);
});
