import { describe, expect, expectTypeOf, test } from 'vitest';
import { R5Error } from '../../error.ts';
import { answerLine } from '../answer-line.ts';
import { LostRollout } from '../lost-rollout.ts';
import { defineTask, type Answer } from '../task.ts';
import { passesTests } from './passes-tests.ts';
import type { Component } from './component.ts';
import { exactMatch } from './exact-match.ts';
import { validJson } from './valid-json.ts';
import { mathAnswer } from './math-answer.ts';
import { groupRewards, rewards } from './rewards.ts';
import { normalizeAnswer } from './squad-normalization.ts';
import { tokenF1 } from './token-f1.ts';

const said = (text: string, stopReason: Answer['stopReason'] = 'stop'): Answer => ({ text, tokens: text.length, stopReason });
const capital = exactMatch(() => ['Paris', 'City of Light']);

describe('exact match, as in SQuAD', () => {
  test.each([
    ['paris.', 1, 'correct'],
    ['  The "PARIS"! ', 1, 'correct'],
    ['city of the light', 1, 'correct'],
    ['Paris, France', 0, 'wrong'],
    ['', 0, 'unparsable'],
    [' \n', 0, 'unparsable'],
  ])('%j earns %d', async (text, reward, verdict) => {
    expect(await capital({}, said(text))).toEqual({ reward, verdict });
  });

  test('an answer that was cut off is unreadable, however well it begins', async () => {
    expect(await capital({}, said('Paris', 'length'))).toEqual({ reward: 0, verdict: 'unparsable' });
  });

  test('answers that are nothing but an article or a sign are still told apart', async () => {
    expect(normalizeAnswer('A')).toBe('a');
    expect(await exactMatch(() => 'A')({}, said('The'))).toMatchObject({ reward: 0 });
    expect(await exactMatch(() => '+')({}, said('-'))).toMatchObject({ reward: 0 });
    expect(await exactMatch(() => 'A')({}, said(' a '))).toMatchObject({ reward: 1 });
  });

  test('reads what it is told to', async () => {
    const grader = exactMatch(() => 'Paris', { read: answerLine });
    expect(await grader({}, said('France, so\nanswer: Paris'))).toMatchObject({ reward: 1 });
    expect(await grader({}, said('Paris'))).toMatchObject({ verdict: 'unparsable' });
  });
});

describe('token F1, as in SQuAD', () => {
  test.each([
    ['the cat sat', 'cat sat down', 0.8],
    ['cat cat cat', 'cat', 0.5],
    ['dog', 'cat', 0],
    ['a cat', 'The cat.', 1],
  ])('%j against %j', async (given, right, reward) => {
    expect(await tokenF1(() => right)({}, said(given))).toEqual({ reward: expect.closeTo(reward, 10), verdict: reward === 1 ? 'correct' : 'wrong' });
  });

  test('takes the best of several right answers', async () => {
    expect(await tokenF1(() => ['sea', 'deep blue sea'])({}, said('blue sea'))).toMatchObject({ reward: expect.closeTo(0.8, 10) });
  });
});

test('mathematics, code and JSON are graded by what they mean', async () => {
  expect(await mathAnswer(() => '1/2')({}, said('so \\boxed{0.5}'))).toMatchObject({ reward: 1 });
  expect(await mathAnswer(() => '1/2')({}, said('the answer is 0.5', 'length'))).toMatchObject({ verdict: 'unparsable' });
  const twice = passesTests(() => ['assertEqual(twice(2), 4)'], { timeMs: 10_000 });
  expect(await twice({}, said('```js\nconst twice = (n) => 2 * n;\n```'))).toMatchObject({ reward: 1, parts: { passed: 1 } });
  expect(await twice({}, said('I would rather not'))).toMatchObject({ verdict: 'unparsable' });
});

describe('JSON by a schema', () => {
  const person = validJson({ type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 0 } }, required: ['name'] });

  test('valid, invalid and none', async () => {
    expect(await person({}, said('{"name": "Ada", "age": 36}'))).toEqual({ reward: 1, verdict: 'correct' });
    expect(await person({}, said('Here:\n```json\n{"name": "Ada"}\n```\nGood?'))).toMatchObject({ reward: 1 });
    expect(await person({}, said('{"name": "Ada", "age": -1}'))).toEqual({ reward: 0, verdict: 'wrong', note: 'answer/age must be >= 0' });
    expect(await person({}, said('{"name": "Ada"'))).toMatchObject({ verdict: 'unparsable' });
    expect(await person({}, said('{"name": "Ada"}', 'length'))).toMatchObject({ verdict: 'unparsable' });
  });

  test('a schema may come from the row; one that is none is refused at once', async () => {
    const listOf = validJson<{ count: number }>(({ count }) => ({ type: 'array', minItems: count }));
    expect(await listOf({ count: 2 }, said('[1, 2]'))).toMatchObject({ reward: 1 });
    expect(await listOf({ count: 3 }, said('[1, 2]'))).toMatchObject({ reward: 0 });
    expect(() => validJson({ type: 'person' })).toThrow('is no JSON schema');
  });
});

describe('rewards', () => {
  const polite: Component<unknown> = (_, { text }) => ({ reward: text.includes('please') ? 1 : 0, note: 'looked for please' });

  test('is the weighted mean; each component is there by name', async () => {
    const score = rewards({ correct: [() => ({ reward: 1, verdict: 'correct', parts: { steps: 3 } }), 1], style: [polite, 0.25] });
    expect(await score({}, said('x'))).toEqual({
      reward: 0.8, verdict: 'correct', parts: { correct: 1, 'correct.steps': 3, style: 0 }, notes: { style: 'looked for please' },
    });
    expect(await score({}, said('please'))).toMatchObject({ reward: 1 });
  });

  test('a penalty takes away and is not earned', async () => {
    const score = rewards({ correct: [() => true, 1], long: [(_, { tokens }) => tokens > 3, -0.5] });
    expect(await score({}, said('abc'))).toMatchObject({ reward: 1, verdict: 'correct', parts: { correct: 1, long: 0 } });
    expect(await score({}, said('abcd'))).toMatchObject({ reward: 0.5, parts: { long: 1 } });
  });

  test('an answer that cannot be read never earns, and the components after it are not asked', async () => {
    let asked = 0;
    const score = rewards({ style: [polite, 1], correct: [capital, 1], dear: [() => ++asked, 1] });
    expect(await score({}, said('', 'stop'))).toMatchObject({ reward: 0, verdict: 'unparsable', parts: { style: 0, correct: 0, dear: 0 } });
    expect(await score({}, said('please', 'length'))).toMatchObject({ reward: 0, verdict: 'unparsable', parts: { style: 1, correct: 0, dear: 0 } });
    expect(asked).toBe(0);
  });

  test('what cannot be computed is an error that names the component, and a lost rollout stays one', async () => {
    const failing = (error: Error) => rewards({ correct: [() => 1, 1], style: [() => { throw error; }, 1] })({}, said('x'));
    await expect(failing(new Error('no key'))).rejects.toThrow('The reward "style" could not be computed: no key');
    await expect(failing(new LostRollout('no answer'))).rejects.toBeInstanceOf(LostRollout);
    await expect(rewards({ style: [() => NaN, 1] })({}, said('x'))).rejects.toThrow('The reward "style" returned NaN');
  });

  test('weights that make no sense are refused at once', () => {
    expect(() => rewards({})).toThrow(R5Error);
    expect(() => rewards({ a: [() => 1, NaN] })).toThrow('the weight of "a" is NaN');
    expect(() => rewards({ a: [() => 1, -1] })).toThrow('nothing can be earned');
  });

  test('reads well in a task, and rows keep their type', () => {
    const task = defineTask<{ question: string; answer: string }>({
      name: 'capitals', description: 'Name the capital.', train: () => [], test: () => [], prompt: ({ question }) => question, maxTokens: 8,
      score: rewards({ correct: [exactMatch(({ answer }) => answer), 1], close: [tokenF1(({ answer }) => answer), 0.2] }),
    });
    expectTypeOf(task.score).parameter(0).toEqualTypeOf<{ question: string; answer: string }>();
    // @ts-expect-error Rows have no such field.
    defineTask<{ answer: string }>({ ...task, prompt: () => '', score: rewards({ correct: [exactMatch(({ right }) => right), 1] }) });
  });
});

describe('what is missing is said', () => {
  test('a component without its weight', () => {
    expect(() => Reflect.apply(rewards, undefined, [{ correct: capital }])).toThrow(/"correct" is a function; it must be a component and its weight/);
  });

  test.each([
    ['exactMatch', exactMatch],
    ['tokenF1', tokenF1],
    ['mathAnswer', mathAnswer],
  ])('a row without the reference that %s wants', (_, component) => {
    const read: Component<{ answer?: string }> = Reflect.apply(component, undefined, [({ answer }: { answer?: string }) => answer]);
    expect(() => read({}, said('4'))).toThrow(/The reference of the row \{\} is undefined; it must be a text/);
  });
});

describe('groupRewards', () => {
  const scores = [{ reward: 1, verdict: 'correct' }, { reward: 0, verdict: 'unparsable' }, { reward: 0, verdict: 'wrong', parts: { steps: 2 } }] as const;
  const answers = ['bb', '', 'a'].map((text) => said(text));

  test('adds to the score with its weight; what could not be read is left out', async () => {
    const seen: string[][] = [];
    const shorter = groupRewards({ short: [(_, shown) => { seen.push(shown.map(({ text }) => text)); return shown.map(({ text }) => ({ reward: 2 - text.length, note: 'by length' })); }, 0.25] });
    expect(await shorter({}, answers, scores)).toEqual([
      { reward: 0.8, verdict: 'correct', parts: { short: 0 }, notes: { short: 'by length' } },
      { reward: 0, verdict: 'unparsable', parts: { short: 0 } },
      { reward: 0.2, verdict: 'wrong', parts: { steps: 2, short: 1 }, notes: { short: 'by length' } },
    ]);
    expect(seen).toEqual([['bb', 'a']]);
  });

  test('refuses results that do not fit the answers', async () => {
    await expect(groupRewards({ short: [() => [1], 1] })({}, answers, scores)).rejects.toThrow('The reward "short" returned [1] for 2 answers');
  });
});
