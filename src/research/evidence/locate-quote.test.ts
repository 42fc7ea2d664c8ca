import { expect, test } from 'vitest';
import { locateQuote } from './locate-quote.ts';

const text = 'The council’s “first plan” was  dropped\nin 2012 – after 1,250.5 tonnes of co\u00adal and the ef\ufb01cient mill were sold. It is an exam-\nple of a well-known rule.';

/** What the located span says, or undefined. */
const found = (quote: string, from = text): string | undefined => {
  const span = locateQuote(from, quote);
  return span === undefined ? undefined : from.slice(span.start, span.end);
};

test('a quote is found as it stands, and with what typesetting changes made equal', () => {
  expect(found('was  dropped')).toBe('was  dropped');
  expect(found(`The council's "first plan" was dropped in 2012 - after`)).toBe('The council’s “first plan” was  dropped\nin 2012 – after');
  expect(found('tonnes of coal and the efficient mill')).toBe('tonnes of co\u00adal and the ef\ufb01cient mill');
  expect(found('an example of a well-known rule')).toBe('an exam-\nple of a well-known rule');
  expect(found('“The council’s ‘first plan’”')).toBeUndefined();
  expect(found('it is an')).toBe('It is an');
  expect(found('Zo\u00eb ran', 'Then Zoe\u0308 ran.')).toBe('Zoe\u0308 ran');
});

test('an elision stands for a stretch that is left out, in order and near', () => {
  expect(found('was dropped in 2012 ... efficient mill were sold')).toBe('was  dropped\nin 2012 – after 1,250.5 tonnes of co\u00adal and the ef\ufb01cient mill were sold');
  expect(found('was dropped […] were sold')).toContain('1,250.5');
  expect(found('were sold ... was dropped')).toBeUndefined();
  expect(found('the dog ran ... the cat slept', `the dog ran ${'x '.repeat(300)} the cat slept`)).toBeUndefined();
  expect(found('the ... it')).toBeUndefined();
});

test('nothing that differs in a word, a letter or a number is found, nor half a word or number', () => {
  for (const quote of ['was dropped in 2013', 'the councils first plan', 'was in 2012', '250.5 tonnes', '1,250 tonnes', 'fter 1,250.5', '1,250', 'were sol', '', '...', '"']) {
    expect([quote, found(quote)]).toEqual([quote, undefined]);
  }
  expect(found('5 °C', 'a low of −5 °C')).toBeUndefined();
  expect(found('人口は約1400', '東京の人口は約1400万人')).toBe('人口は約1400');
});
