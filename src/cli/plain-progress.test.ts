import { expect, test } from 'vitest';
import { plainLine } from './plain-progress.ts';
import { advance, startOf } from './progress-state.ts';
import { evaluationEvent, plan, stepEvent, supervisedEvent } from './progress.fixture.ts';

test('a step is one line with the figures of the live view', () => {
  const base = advance(startOf(plan, 0), evaluationEvent(0, 0.3), 0);
  const event = stepEvent(1);
  const state = advance(base, event, 2000);
  expect(plainLine(event, state, 2000)).toBe(
    'step 1/10  reward 0.100  held-out 30.0 %  length 51.0  sampling 21,404 tokens/s  training 3,900 tokens/s  KL 3.2e-9  left 22 s',
  );
});

test('lost rollouts are told with their reasons', () => {
  const event = { ...stepEvent(1), lost: { timeout: 2, threw: 1 } };
  expect(plainLine(event, advance(startOf(plan, 0), event, 2000), 2000)).toContain('  lost 3 (2 timeout, 1 threw)  left');
});

test('a supervised step has a loss instead', () => {
  const event = supervisedEvent(1, 1.25);
  const state = advance(startOf({ ...plan, finalRows: 0 }, 0), event, 1000);
  expect(plainLine(event, state, 1000)).toBe('step 1/10  loss 1.2500  training 4,000 tokens/s  left 9 s');
});

test('evaluations, failed checks and resumes have a line; episodes and checkpoints have none', () => {
  const state = startOf(plan, 0);
  const line = (event: Parameters<typeof plainLine>[0]): string | undefined => plainLine(event, state, 0);
  expect(line(evaluationEvent(6, 0.5))).toBe('held-out after step 6: 50.0 % of 512 (95 % interval 46.0 to 54.0 %), mean length 50.0 tokens');
  expect(line({ type: 'check', step: 1, name: 'loss finite', passed: false, message: 'the loss is NaN.' })).toBe("check 'loss finite' FAILED: the loss is NaN.");
  expect(line({ type: 'resume', fromStep: 4 })).toBe('going on after step 4');
  expect(line({ type: 'checkpoint', step: 4 })).toBeUndefined();
});
