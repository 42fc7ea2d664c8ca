import { describe, expect, test } from 'vitest';
import { lineWidth, printLine, renderLive } from './live-view.ts';
import { advance, startOf, type ProgressState } from './progress-state.ts';
import { evaluationEvent, plan, stepEvent, supervisedEvent } from './progress.fixture.ts';

const base = advance(startOf(plan, 0), evaluationEvent(0, 0.3), 4000);
const training = [1, 2, 3, 4].reduce((state, step) => advance(state, stepEvent(step), 4000 + 2000 * step), base);
const evaluated = advance(training, evaluationEvent(4, 0.613), 12_000);

const textOf = (state: ProgressState, columns: number): string[] => renderLive(state, 12_000, columns).map((line) => printLine(line, false));

describe('the live view', () => {
  test('shows all that a run is watched for', () => {
    expect(textOf(evaluated, 100)).toEqual([
      'countdown  r5-tiny  2026-01-02-countdown-abc123',
      'step      4/10  ━━━━━━━━━━━━━━━━────────────────────────  40 %',
      'left      about 16 s  12 s so far',
      'reward    0.400  ▁▃▆█',
      'held-out  61.3 %  95 % interval 57.3 to 65.3 %, 512 problems after step 4, base 30.0 %',
      'length    54.0 tokens',
      'tokens/s  21,404 sampling, 3,900 training',
      'KL        3.2e-9 nats a token between sampler and trainer',
      'training; Ctrl-C stops, and the run can be resumed',
    ]);
  });

  test('counts lost rollouts, once there are any', () => {
    const lossy = [5, 6].reduce((state, step) => {
      const event = { ...stepEvent(step), lost: { unscored: step } };
      return advance(state, event, 12_000);
    }, evaluated);
    expect(textOf(lossy, 100)).toContain('lost      11 rollouts so far, in the last step 6 unscored');
  });

  test('on a narrow terminal says the same in fewer words', () => {
    expect(textOf(evaluated, 44)).toEqual([
      'countdown  r5-tiny',
      'step      4/10  ━━━━━━━━━─────────────  40 %',
      'left      about 16 s  12 s so far',
      'reward    0.400  ▁▃▆█',
      'held-out  61.3 %  base 30.0 %',
      'length    54.0 tokens',
      'tok/s     21,404 sampling, 3,900 training',
      'KL        3.2e-9 nats a token',
      'Ctrl-C stops, and the run can be resumed',
    ]);
  });

  test.each([120, 70, 69, 40, 20, 10, 3])('never makes a line longer than %i columns', (columns) => {
    const long = { ...evaluated, curve: Array.from({ length: 500 }, (_, i) => i) };
    for (const line of renderLive(long, 12_000, columns)) expect(lineWidth(line)).toBeLessThanOrEqual(columns);
  });

  test('before the first figures shows what it is waiting for, with as many lines', () => {
    const lines = textOf(startOf(plan, 0), 100);
    expect(lines).toHaveLength(textOf(evaluated, 100).length);
    expect(lines.at(-1)).toBe('evaluating the model before training on 512 held-out problems');
    expect(lines.join('\n')).toContain('not known yet');
  });

  test('says that it has ended', () => {
    const lines = textOf(advance(evaluated, { type: 'stop', reason: 'interrupted' }, 12_000), 100);
    expect(lines).toContain('left      -  12 s in all');
    expect(lines.at(-1)).toBe('interrupted');
  });

  test('says that it is stopping', () => {
    expect(textOf({ ...evaluated, stopping: true }, 100).at(-1)).toBe('stopping after this step with a checkpoint; Ctrl-C again ends at once');
  });

  test('of a supervised run shows the loss, and nothing that it does not have', () => {
    const start = startOf({ ...plan, finalRows: 0 }, 0);
    const state = [2.5, 1.25].reduce((now, loss, i) => advance(now, supervisedEvent(i + 1, loss), i * 1000), start);
    const lines = textOf(state, 100);
    expect(lines).toContain('loss      1.250  █▁');
    expect(lines.filter((line) => /^(reward|held-out|KL|length)/.test(line))).toEqual([]);
  });
});
