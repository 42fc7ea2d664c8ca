/** What of a text shows that it was written for the grader and not for the question: repetition, emptiness, copying. */

/** Words in a row that count as a repetition when they come again. */
const REPEATED_WORDS = 4;
/** An answer that shares a run of so many words with its prompt, and little else, is a copy of it. */
const COPIED_WORDS = 4;
const COPIED_SHARE = 0.8;

/** Words, numbers and single signs. */
export function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{M}]+|\p{N}+|[^\s\p{L}\p{M}\p{N}]/gu) ?? [];
}

/** Share of a text's runs of four words that have been there before, in [0, 1]; 0 for a text with fewer words. */
export function repetitionOf(words: readonly string[]): number {
  const runs = words.length - REPEATED_WORDS + 1;
  if (runs < 1) return 0;
  const different = new Set(Array.from({ length: runs }, (_, i) => words.slice(i, i + REPEATED_WORDS).join(' ')));
  return 1 - different.size / runs;
}

/** Whether nothing is said: no letter and no digit. */
export function isEmptyText(text: string): boolean {
  return !/[\p{L}\p{N}]/u.test(text);
}

/** Whether at least four fifths of an answer's words stand in runs of four or more that the prompt has too. */
export function isCopyOf(words: readonly string[], prompt: readonly string[]): boolean {
  if (words.length < COPIED_WORDS) return false;
  const runs = new Set(Array.from({ length: Math.max(0, prompt.length - COPIED_WORDS + 1) }, (_, i) => prompt.slice(i, i + COPIED_WORDS).join(' ')));
  const copied = words.map(() => false);
  for (let i = 0; i + COPIED_WORDS <= words.length; i++) {
    if (runs.has(words.slice(i, i + COPIED_WORDS).join(' '))) copied.fill(true, i, i + COPIED_WORDS);
  }
  return copied.filter(Boolean).length >= COPIED_SHARE * words.length;
}
