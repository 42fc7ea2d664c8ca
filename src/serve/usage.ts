/** What a request took, in tokens. */
import type { ChatAnswer } from '../chat/chat-request.ts';
import { TextStream } from '../model/text-stream.ts';
import type { Tokenizer } from '../model/tokenizer.ts';

export interface TokenCounts {
  prompt: number;
  /** Of the prompt, found in the prefix cache. */
  cached: number;
  completion: number;
  /** Of the completion, up to the end of the reasoning. */
  reasoning: number;
}

/** The choices of one request share its prompt. */
export function sumCounts(counts: readonly TokenCounts[]): TokenCounts {
  const sum = (of: (one: TokenCounts) => number): number => counts.reduce((total, one) => total + of(one), 0);
  const [first] = counts;
  return { prompt: first?.prompt ?? 0, cached: first?.cached ?? 0, completion: sum((one) => one.completion), reasoning: sum((one) => one.reasoning) };
}

export function countAnswer({ prompt, generation, message }: ChatAnswer, tokenizer: Tokenizer): TokenCounts {
  return {
    prompt: prompt.length,
    cached: generation.cachedTokens,
    completion: generation.tokens.length,
    reasoning: reasoningTokens(generation.tokens, message.reasoning_content, tokenizer),
  };
}

/** Tokens until the text holds the whole of the reasoning. */
function reasoningTokens(tokens: readonly number[], reasoning: string | undefined, tokenizer: Tokenizer): number {
  const wanted = reasoning?.trim();
  if (!wanted) return 0;
  const stream = new TextStream(tokenizer, { continues: true });
  let text = '';
  const last = tokens.findIndex((token) => {
    text += stream.push(token);
    return text.length >= wanted.length && text.includes(wanted);
  });
  return last < 0 ? tokens.length : last + 1;
}

/** As chat completions and completions report it. */
export function usageBody({ prompt, cached, completion, reasoning }: TokenCounts): Record<string, unknown> {
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}
