import { describe, expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { measureTraces, piecesOf } from '../trace-report.ts';
import { gradeSort, pairsInOrder } from './grade.ts';
import { inOrder, isHeldOutSort, sortTest, sortTrain } from './row.ts';
import { sort, workedSort } from './sort.ts';
import { sortHabits, sortTrace } from './traces.ts';
import { words } from './words.ts';

const row = { words: ['pear', 'fig', 'plum', 'kiwi', 'ash'] };
const grade = (text: string, stopReason: 'stop' | 'length' = 'stop') => gradeSort(row, { text, tokens: 9, stopReason });

describe('the word list', () => {
  test('has 200 different words of 3 to 5 letters in order', () => {
    expect(words).toHaveLength(200);
    expect(words.every((word) => /^[a-z]{3,5}$/.test(word))).toBe(true);
    expect(inOrder({ words })).toEqual(words);
    expect(new Set(words).size).toBe(200);
  });
});

describe('sort rows', () => {
  test('are 4,096 and 1,024 different sets of words, none in both', () => {
    const sets = [...sortTrain(), ...sortTest()].map((each) => inOrder(each).join(' '));
    expect(sets).toHaveLength(4096 + 1024);
    expect(new Set(sets).size).toBe(sets.length);
    expect(sortTrain()).toEqual(sortTrain());
    expect(sortTest().every(isHeldOutSort)).toBe(true);
  });

  test('have 5 to 8 different words, and stay in their split when shuffled', () => {
    const random = new Random(1);
    for (const each of sortTrain().slice(0, 500)) {
      expect(each.words.length).toBeGreaterThanOrEqual(5);
      expect(each.words.length).toBeLessThanOrEqual(8);
      expect(new Set(each.words).size).toBe(each.words.length);
      expect(isHeldOutSort({ words: random.shuffle(each.words) })).toBe(false);
    }
  });
});

describe('gradeSort', () => {
  test('gives full marks for the exact order only', () => {
    expect(grade('answer: ash fig kiwi pear plum')).toEqual({ reward: 1, verdict: 'correct', parts: { pairsInOrder: 1 } });
    expect(grade('answer: fig ash kiwi pear plum')).toEqual({ reward: 0.45, verdict: 'wrong', parts: { pairsInOrder: 0.9 } });
    expect(grade('answer: plum pear kiwi fig ash')).toMatchObject({ reward: 0, verdict: 'wrong' });
  });

  test('gives nothing for other words, even in order', () => {
    const answers = ['ash fig kiwi pear', 'ash ash fig kiwi pear plum', 'ash fig kiwi pear plums', 'ash fig kiwi pear vine', 'ash'];
    for (const answer of answers) expect(grade(`answer: ${answer}`), answer).toMatchObject({ reward: 0, verdict: 'wrong' });
  });

  test('calls what is no list of words unparsable', () => {
    const answers = ['', 'ash, fig, kiwi, pear, plum', 'ash  fig', 'Ash fig kiwi pear plum', 'ash fig kiwi pear plum.', '1 2 3'];
    for (const answer of answers) expect(grade(`answer: ${answer}`), answer).toMatchObject({ reward: 0, verdict: 'unparsable' });
    expect(grade('ash fig kiwi pear plum')).toMatchObject({ verdict: 'unparsable' });
    expect(grade('answer: ash fig kiwi pear plum', 'length')).toMatchObject({ reward: 0, verdict: 'unparsable' });
  });

  test('counts pairs in order', () => {
    expect(pairsInOrder(['a', 'b', 'c'])).toBe(1);
    expect(pairsInOrder(['b', 'a', 'c'])).toBeCloseTo(2 / 3);
    expect(pairsInOrder(['c', 'b', 'a'])).toBe(0);
  });
});

describe('sort traces', () => {
  test('take the smallest word until none is left', () => {
    expect(sortTrace({ words: ['pear', 'fig', 'plum', 'kiwi'] }, sortHabits.careful, new Random(0))).toBe(
      ['take fig: pear plum kiwi', 'take kiwi: pear plum', 'take pear: plum', 'take plum:', 'answer: fig kiwi pear plum'].join('\n'),
    );
  });

  test('written carefully solve every row within maxTokens; corruptions never earn full marks', () => {
    for (const each of [...sortTrain(), ...sortTest()]) {
      const text = sort.solution!(each);
      expect(sort.score(each, { text, tokens: 9, stopReason: 'stop' })).toMatchObject({ reward: 1, verdict: 'correct' });
      expect(piecesOf(text).length).toBeLessThan(sort.maxTokens);
    }
    for (const each of sortTest()) {
      for (const text of sort.corruptions!(each)) {
        expect(gradeSort(each, { text, tokens: 9, stopReason: 'stop' }).reward, text).toBeLessThanOrEqual(0.5);
      }
    }
  });

  test('are right as often as a base model should be', async () => {
    const measured = await measureTraces(workedSort);
    expect(measured.careful.accuracy).toBe(1);
    expect(measured.mix.accuracy).toBeGreaterThan(0.25);
    expect(measured.mix.accuracy).toBeLessThan(0.5);
  });
});
