import type { Answer } from './task.ts';

const mark = 'answer: ';

/**
 * The text behind `answer: ` on the last line of a completion, or undefined when the last line is no such line. Blanks and line ends
 * after it are dropped. An answer that was cut off by the length limit counts only when a line end shows that its line was complete,
 * so that a prefix of a longer answer never earns anything.
 */
export function answerLine(answer: Answer): string | undefined {
  const text = answer.text.trimEnd();
  const complete = answer.stopReason === 'stop' || answer.text.slice(text.length).includes('\n');
  const line = text.slice(text.lastIndexOf('\n') + 1);
  if (!complete || !line.startsWith(mark)) return undefined;
  return line.slice(mark.length);
}
