import { runTest, type SandboxOptions } from '../sandbox/sandbox.ts';
import type { Answer, Score } from '../task.ts';
import { lastFencedCode } from './fenced-code.ts';

/** Words behind a fence, and whether the block is TypeScript; a block without a word is read as TypeScript, which holds JavaScript. */
const LANGUAGES = new Map([
  ['', true], ['ts', true], ['typescript', true], ['mts', true],
  ['js', false], ['javascript', false], ['mjs', false], ['jsx', false],
]);

/** After so many tests that ran out of time the others count as failed, so that endless loops do not add up. */
const MOST_TIMEOUTS = 3;

const TIME_MS = 1000;

/**
 * Reward 1 when the last fenced block of the answer passes every test, 0 otherwise; the part `passed` is the share of tests that it passes.
 * Each test runs over a fresh run of the program (see `runTest`). `unparsable` without a closed block, with an empty one or with one in
 * another language; a program that does not compile is `wrong`.
 */
export async function gradeCode(tests: readonly string[], answer: Answer, options: SandboxOptions = {}): Promise<Score> {
  const block = lastFencedCode(answer.text);
  const typescript = LANGUAGES.get(block?.language ?? '');
  if (block === undefined || typescript === undefined || block.code.trim() === '') {
    return { reward: 0, verdict: 'unparsable', parts: { passed: 0 } };
  }
  const { timeMs = TIME_MS } = options;
  let timeouts = 0;
  let passed = 0;
  for (const test of tests) {
    if (timeouts >= MOST_TIMEOUTS) break;
    const { outcome } = await runTest(block.code, test, { ...options, timeMs, typescript });
    if (outcome === 'timeout') timeouts++;
    if (outcome === 'ok') passed++;
  }
  const isRight = passed === tests.length;
  return { reward: isRight ? 1 : 0, verdict: isRight ? 'correct' : 'wrong', parts: { passed: passed / tests.length } };
}
