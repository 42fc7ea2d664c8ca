/** Grades the answer to a mathematical problem. */
import { readAnswer } from './answer.ts';
import { answersEqual } from './equal.ts';
import type { Score } from '../task.ts';

/**
 * The final answer of a text, as it is written there: what the last `\boxed{...}` holds, else what follows the last `####`, else what follows
 * the last "answer is" or "answer:" up to the end of the line. Undefined when there is none of them. Only the end of a long text is read.
 */
export function finalAnswer(text: string): string | undefined {
  const end = text.slice(-20_000);
  const boxed = lastBoxed(end);
  if (boxed !== undefined) return boxed;
  const marked = end.lastIndexOf('####');
  if (marked >= 0) return firstLine(end.slice(marked + 4));
  const said = [...end.matchAll(/\banswer(?:\s+is|\s*:|\s*=)\s*:?\s*/gi)].at(-1);
  if (!said) return undefined;
  return firstLine(end.slice(said.index + said[0].length)).replace(/\*+/g, '').replace(/\.$/, '').trim();
}

function lastBoxed(text: string): string | undefined {
  const start = Math.max(text.lastIndexOf('\\boxed{'), text.lastIndexOf('\\fbox{'));
  if (start < 0) return undefined;
  const open = text.indexOf('{', start);
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '{') depth++;
    if (text[i] === '}' && --depth === 0) return text.slice(open + 1, i);
  }
  return undefined;
}

const firstLine = (text: string): string => text.trimStart().split('\n')[0]?.trim() ?? '';

/**
 * Grades a final answer against the reference: full marks when both can be read and mean the same, nothing else. `unparsable` when the
 * answer cannot be read, and when there is none.
 * @throws TypeError never; @throws R5Error never: any text gets a verdict.
 */
export function gradeMathAnswer(given: string | undefined, reference: string): Score {
  const answer = given === undefined ? undefined : readAnswer(given);
  const right = readAnswer(reference);
  if (!answer) return { reward: 0, verdict: 'unparsable' };
  return right && answersEqual(answer, right) ? { reward: 1, verdict: 'correct' } : { reward: 0, verdict: 'wrong' };
}
