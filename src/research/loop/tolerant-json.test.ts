import { describe, expect, test } from 'vitest';
import { R5Error } from '../../error.ts';
import { jsonValues, withoutThinking } from './tolerant-json.ts';

/** The likeliest value. */
const tolerantJson = (text: string): unknown => jsonValues(text)[0];

const wanted = { questions: ['a', 'b'], covered: true };

describe('JSON as weak models write it', () => {
  test.each([
    ['as it should be', '{"questions": ["a", "b"], "covered": true}'],
    ['fenced, with words around', 'Sure! Here it is:\n```json\n{"questions": ["a", "b"], "covered": true}\n```\nHope this helps.'],
    ['thoughts before', '<think>maybe {"questions": []}?</think>{"questions": ["a", "b"], "covered": true}'],
    ['thoughts whose opening was cut', 'so {"covered": false} no\n</think>\n{"questions": ["a", "b"], "covered": true}'],
    ['Python', "{'questions': ['a', 'b'], 'covered': True}"],
    ['trailing commas and comments', '{"questions": ["a", "b",], // two\n "covered": true,}'],
    ['missing commas', '{"questions": ["a" "b"] "covered": true}'],
    ['names without quotes', '{questions: ["a", "b"], covered: true}'],
    ['typographic quotes', '{“questions”: [“a”, “b”], “covered”: true}'],
    ['cut off', '{"covered": true, "questions": ["a", "b"'],
    ['a first draft, then the answer', '{"questions": ["x"], "covered": false}\nBetter:\n{"questions": ["a", "b"], "covered": true}'],
  ])('%s', (_, text) => expect(tolerantJson(text)).toEqual(wanted));

  test('what is said afterwards with brackets in it is another value, and comes after none that is an answer', () => {
    expect(jsonValues('Here {as asked}: {"covered": true}\n\nSee [1].')).toContainEqual({ covered: true });
    expect(jsonValues('<think>I should answer {"covered": true}')).toEqual([{ covered: true }]);
    expect(() => jsonValues('<think>hm')).toThrow('the answer was empty');
  });

  test('quotes and line breaks inside of a string', () => {
    expect(tolerantJson('{"quote": "He said "no" to\nit, twice", "note": "x"}')).toEqual({ quote: 'He said "no" to\nit, twice', note: 'x' });
  });

  test('a name that would change a prototype is a field like any other', () => {
    const value = tolerantJson("{'__proto__': {'covered': true}, 'a': 1}");
    expect(Object.keys(value as object)).toEqual(['__proto__', 'a']);
    expect(({} as { covered?: boolean }).covered).toBeUndefined();
  });

  test.each(['```json\n{"notes": []}\n```', 'Nothing of use. {"notes": []}', '{"notes": [],}'])('%j says that there is nothing', (text) => {
    expect(tolerantJson(text)).toEqual({ notes: [] });
  });

  test.each(['', '   ', '{"notes": [', 'So: {"notes": [],', 'I cannot answer that.', '<think>still thinking {"a": 1} or', 'nothing: [] or {}', '42'])('no value in %j is an error, never an empty one', (text) => {
    expect(() => tolerantJson(text)).toThrow(R5Error);
  });

  test('anything at all ends in a value or an R5Error, soon', () => {
    const alphabet = '{}[]":,\'\\/*ntu0a \n';
    let seed = 1;
    const draw = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let round = 0; round < 5000; round++) {
      const text = Array.from({ length: draw(40) }, () => alphabet[draw(alphabet.length)]).join('');
      try {
        JSON.stringify(tolerantJson(text));
      } catch (error) {
        expect(error).toBeInstanceOf(R5Error);
      }
    }
    const startMs = performance.now();
    expect(() => tolerantJson('['.repeat(20_000))).toThrow(R5Error);
    expect(performance.now() - startMs).toBeLessThan(5000);
  });
});

test('thoughts are cut out wherever they leak', () => {
  expect(withoutThinking('<think>a</think>b<thinking>c</thinking>d')).toBe('bd');
  expect(withoutThinking('a</think>b')).toBe('b');
  expect(withoutThinking('b<think>never closed')).toBe('b');
});
