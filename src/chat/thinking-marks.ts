import type { Tokenizer } from '../model/tokenizer.ts';

/** What surrounds a model's thoughts. */
export interface ThinkingMarks {
  open: string;
  close: string;
}

const PAIRS: readonly ThinkingMarks[] = [
  { open: '<think>', close: '</think>' },
  { open: '[THINK]', close: '[/THINK]' },
];

/** Those that the template or the tokenizer knows; else `<think>`, which models are also taught without either. */
export function thinkingMarks(tokenizer: Tokenizer): ThinkingMarks {
  const known = ({ open }: ThinkingMarks): boolean => tokenizer.chatTemplate?.source.includes(open) === true || tokenizer.tokenId(open) !== undefined;
  return PAIRS.find(known) ?? { open: '<think>', close: '</think>' };
}

/** Whether a rendered prompt leaves off within thoughts: some templates open them for the model. */
export const endsInThoughts = (prompt: string, { open }: ThinkingMarks): boolean => prompt.trimEnd().endsWith(open);
