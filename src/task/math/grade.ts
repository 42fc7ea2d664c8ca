/** Grades the answer to a mathematical problem. */
import { readAnswer } from './answer.ts';
import { answersEqual } from './equal.ts';
import { plainNotation } from './latex.ts';
import type { Score } from '../task.ts';

const CORRECT: Score = { reward: 1, verdict: 'correct' };
const WRONG: Score = { reward: 0, verdict: 'wrong' };
const UNPARSABLE: Score = { reward: 0, verdict: 'unparsable' };

/**
 * Grades a final answer against the reference: full marks when both can be read and mean the same (see `answersEqual`), nothing else.
 * `unparsable` when the answer cannot be read, and when there is none. Only where the reference itself cannot be read, such as a
 * sentence, the same wording is right.
 *
 * It never throws, runs nothing of what it reads, and its work is bounded whatever the text: 600 characters, 250 nodes of a tree, 40
 * items, numbers of 8,192 bits.
 */
export function gradeMathAnswer(given: string | undefined, reference: string): Score {
  if (given === undefined) return UNPARSABLE;
  const answer = readAnswer(given);
  const right = readAnswer(reference);
  if (!right && wordingOf(reference) !== '' && wordingOf(given) === wordingOf(reference)) return CORRECT;
  if (!answer) return UNPARSABLE;
  return right && answersEqual(answer, right) ? CORRECT : WRONG;
}

const LONGEST_WORDING = 1000;

/** A text without what changes nothing; empty when there is no letter or digit, or too much of it. */
function wordingOf(text: string): string {
  if (text.length > LONGEST_WORDING) return '';
  const wording = plainNotation(text).toLowerCase().replaceAll(/[\s.,;$]+/g, ' ').trim();
  return /[\p{L}\d]/u.test(wording) ? wording : '';
}
