import { expect, test } from 'vitest';
import type { NewEvent } from '../run/event.ts';
import { advance, secondsLeft, startOf, type ProgressState } from './progress-state.ts';
import { evaluationEvent, plan, stepEvent } from './progress.fixture.ts';

/** Applies events that come at the given seconds. */
const after = (state: ProgressState, ...events: [seconds: number, event: NewEvent][]): ProgressState =>
  events.reduce((now, [seconds, event]) => advance(now, event, seconds * 1000), state);

test('goes from the base evaluation over the steps to the last evaluation', () => {
  const start = startOf(plan, 0);
  expect(start.phase).toBe('base');
  const training = after(start, [4, evaluationEvent(0, 0.3)], [6, stepEvent(1)]);
  expect(training).toMatchObject({ phase: 'training', step: 1, curve: [0.1], base: { accuracy: 0.3 } });
  expect(after(training, [8, stepEvent(10)]).phase).toBe('final');
});

test('time left is the steps left at the pace of the latest, and the last evaluation, and it runs down', () => {
  const start = after(startOf(plan, 0), [4, evaluationEvent(0, 0.3)]);
  expect(secondsLeft(start, 5000)).toBeUndefined();
  const two = after(start, [6, stepEvent(1)], [9, stepEvent(2)]);
  // 8 steps of 2.5 s and an evaluation of 4 s.
  expect(secondsLeft(two, 9000)).toBeCloseTo(24);
  expect(secondsLeft(two, 10_000)).toBeCloseTo(23);
  expect(secondsLeft(two, 900_000)).toBe(0);
});

test('longer completions make the last evaluation longer', () => {
  const state = after(startOf({ ...plan, totalSteps: 1 }, 0), [4, evaluationEvent(0, 0.3)], [5, stepEvent(1)], [5, { ...evaluationEvent(1, 0.5), meanLength: 100 }]);
  expect(secondsLeft(state, 5000)).toBeCloseTo(8);
});

test('a resumed run keeps the curve up to its checkpoint and drops what is done again', () => {
  const earlier = [0.1, 0.2, 0.3, 0.4, 0.5];
  expect(after(startOf(plan, 0, earlier), [1, { type: 'resume', fromStep: 4 }])).toMatchObject({ phase: 'training', step: 4, curve: [0.1, 0.2, 0.3, 0.4] });
  expect(after(startOf(plan, 0, earlier), [1, { type: 'start', config: {}, versions: {} }]).curve).toEqual([]);
});
