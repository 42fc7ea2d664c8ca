import { expect, test } from 'vitest';
import type { Verdict } from '../task/task.ts';
import { pickExamples } from './example-pairs.ts';
import { shortened } from './train-report.ts';

/** One completion a row with these verdicts. */
const groupsOf = (verdicts: Verdict[]) =>
  verdicts.map((verdict, row) => [
    { row, index: 0, verdict, reward: 0, text: '', sequences: [], stopReason: 'stop' as const },
  ]);

test('shows the first two rows that changed, for better or worse, and the first that did not', () => {
  const before = groupsOf(['correct', 'wrong', 'correct', 'unparsable', 'wrong']);
  const after = groupsOf(['correct', 'correct', 'wrong', 'correct', 'wrong']);
  expect(pickExamples(before, after).map(({ row }) => row)).toEqual([0, 1, 2]);
});

test('wrong instead of unparsable is neither solved nor unchanged', () => {
  expect(pickExamples(groupsOf(['unparsable', 'wrong']), groupsOf(['wrong', 'wrong'])).map(({ row }) => row)).toEqual([1]);
});

test('shows fewer where there are not so many', () => {
  expect(pickExamples(groupsOf(['wrong']), groupsOf(['correct']))).toHaveLength(1);
  expect(pickExamples([], [])).toEqual([]);
});

test('a long completion loses its middle and says so', () => {
  const text = Array.from({ length: 40 }, (_, i) => `line ${i}`).join('\n');
  const lines = shortened(text);
  expect(lines).toHaveLength(12);
  expect(lines[6]).toBe('... (29 lines left out)');
  expect([lines[0], lines.at(-1)]).toEqual(['line 0', 'line 39']);
  expect(shortened('a\nb\n')).toEqual(['a', 'b']);
});
