/** Joins a task without tools to a tokenizer: what training and evaluation see are numbered rows, prompts as tokens, and scores of completions. */
import { encodeChatPrompt } from '../model/chat.ts';
import { R5Error } from '../error.ts';
import { loadRows } from '../task/rows.ts';
import { auditAnswer, scoreAnswer } from '../task/score-answer.ts';
import type { Completion } from '../engine/engine.ts';
import type { CompletionSource, RolloutSource } from '../rl/rollouts.ts';
import type { Answer, Task } from '../task/task.ts';
import type { Tokenizer } from '../model/tokenizer.ts';
import { groupScore } from './group-score.ts';

export interface BoundRows {
  set: 'train' | 'test';
  /** A row's prompt as a person reads it. */
  promptText: (row: number) => string;
}

/** A set of a task's rows as the loops play and score them. */
export type BoundTask = BoundRows & RolloutSource;

/** Rows that a model answers with one completion each. */
export interface BoundCompletions extends BoundRows, CompletionSource {
  /** Tokens of a completion as text, without special tokens. */
  completionText: (tokens: readonly number[]) => string;
}

/**
 * Reads the task's rows of one set. Prompts are tokenized once; throws R5Error naming the row when one does not leave room in the context
 * for a completion of the task's length.
 */
export async function bindTask<Row>(
  task: Task<Row>,
  set: 'train' | 'test',
  { tokenizer, contextLength, maxTokens, chat = 'auto' }: { tokenizer: Tokenizer; contextLength: number; maxTokens: number; chat?: ChatSetting },
): Promise<BoundCompletions> {
  const rows = await loadRows(task, set);
  const prompts = new Map<number, readonly number[]>();
  const rowAt = (row: number): Row => {
    const found = rows[row];
    if (found === undefined) throw new RangeError(`task ${task.name} has no ${set} row ${row}`);
    return found;
  };
  const completionText = (tokens: readonly number[]) => tokenizer.decode(tokens, { continues: true });
  const answerOf = ({ tokens, stopReason }: Completion): Answer => ({ text: completionText(tokens), tokens: tokens.length, stopReason });
  return {
    set,
    rowCount: rows.length,
    promptText: (row) => task.prompt(rowAt(row)),
    completionText,
    prompt: (row) => {
      const known = prompts.get(row);
      if (known) return known;
      const tokens = encodeTaskPrompt(task, task.prompt(rowAt(row)), tokenizer, chat);
      if (tokens.length === 0) throw new R5Error(`The task "${task.name}", ${set} row ${row}: prompt() returned an empty text.`);
      if (tokens.length + maxTokens > contextLength) {
        throw new R5Error(
          `The task "${task.name}", ${set} row ${row}: the prompt has ${tokens.length} tokens, and with completions of up to ${maxTokens} ` +
            `that is more than the model's context of ${contextLength}. Shorten the prompt or lower --max-tokens.`,
        );
      }
      prompts.set(row, tokens);
      return tokens;
    },
    score: async (row, completion) => {
      const answer = answerOf(completion);
      const place = `${set} row ${row}`;
      const score = await scoreAnswer(task, rowAt(row), answer, place);
      const audit = set === 'train' ? await auditAnswer(task, rowAt(row), answer, place) : undefined;
      return { ...score, ...(audit === undefined ? {} : { audit }), text: answer.text };
    },
    ...groupScore(task, set, rowAt),
  };
}

/** Whether prompts that a user would say go through the model's chat template, if it has one. */
export type ChatSetting = 'auto' | 'off';

/** A task's prompt as tokens: a user's message for a model with a chat template where the task says so, else plain text. */
export function encodeTaskPrompt({ asksAsUser }: Pick<Task, 'asksAsUser'>, text: string, tokenizer: Tokenizer, chat: ChatSetting): number[] {
  const { chatTemplate } = tokenizer;
  if (chat === 'off' || !asksAsUser || !chatTemplate) return encodePrompt(text, tokenizer);
  return encodeChatPrompt([{ role: 'user', content: text.trim() }], chatTemplate, tokenizer);
}

/** A prompt as tokens, with the token that begins every text where the tokenizer puts one. */
export function encodePrompt(text: string, tokenizer: Tokenizer): number[] {
  const tokens = tokenizer.encode(text);
  return tokenizer.addsBeginToken && tokenizer.beginToken !== null ? [tokenizer.beginToken, ...tokens] : tokens;
}
