/** Completions as the protocol shows them, whole and in chunks. */
import type { ChatEvent, ChatAnswer } from '../../chat/chat-request.ts';
import type { GeneratedToken } from '../../engine/engine.ts';
import type { Tokenizer } from '../../model/tokenizer.ts';
import { finite } from '../chat/logprobs.ts';
import type { ChoiceEvent } from '../choices.ts';
import type { ServerSentEvent } from '../event-stream.ts';
import { countAnswer, sumCounts, usageBody, type TokenCounts } from '../usage.ts';

export interface CompletionOptions {
  id: string;
  created: number;
  model: string;
  fingerprint: string;
  tokenizer: Tokenizer;
  /** Choices of one prompt; those of the next prompt follow. */
  choicesPerPrompt: number;
  logprobs: boolean;
}

type Events = AsyncIterable<ChoiceEvent<ChatEvent>>;

interface Choice {
  text: string;
  tokens: GeneratedToken[];
  reason: string | null;
}

export async function wholeCompletion(events: Events, options: CompletionOptions): Promise<Record<string, unknown>> {
  const choices: Choice[] = [];
  const usage = new Usage(options);
  for await (const { index, event } of events) {
    const choice = (choices[index] ??= { text: '', tokens: [], reason: null });
    if (event.type === 'text') {
      choice.text += event.text;
      choice.tokens.push(...event.tokens);
    } else if (event.type === 'finish') {
      choice.reason = reasonOf(event.answer);
      usage.add(index, event.answer);
    }
  }
  const shown = choices.map(({ text, tokens, reason }, index) => ({ text, index, logprobs: options.logprobs ? showLogprobs(tokens, 0, options.tokenizer) : null, finish_reason: reason }));
  return body(options, shown, usage.body());
}

export async function* completionChunks(events: Events, options: CompletionOptions & { includeUsage: boolean }): AsyncGenerator<ServerSentEvent, void, undefined> {
  const { tokenizer, includeUsage } = options;
  const chunk = (choices: unknown[], usage: unknown): ServerSentEvent => ({ data: JSON.stringify(body(options, choices, includeUsage ? usage : undefined)) });
  const usage = new Usage(options);
  const written: number[] = [];
  for await (const { index, event } of events) {
    if (event.type === 'text') {
      const offset = written[index] ?? 0;
      written[index] = offset + event.text.length;
      yield chunk([{ text: event.text, index, logprobs: options.logprobs ? showLogprobs(event.tokens, offset, tokenizer) : null, finish_reason: null }], null);
    } else if (event.type === 'finish') {
      usage.add(index, event.answer);
      yield chunk([{ text: '', index, logprobs: null, finish_reason: reasonOf(event.answer) }], null);
    }
  }
  if (includeUsage) yield chunk([], usage.body());
  yield { data: '[DONE]' };
}

const reasonOf = ({ finishReason }: ChatAnswer): string => (finishReason === 'length' ? 'length' : 'stop');

const body = ({ id, created, model, fingerprint }: CompletionOptions, choices: unknown[], usage: unknown): Record<string, unknown> => ({
  id,
  object: 'text_completion',
  created,
  model,
  system_fingerprint: fingerprint,
  choices,
  ...(usage === undefined ? {} : { usage }),
});

/** Counts each prompt once, however many choices it has. */
class Usage {
  readonly #options: Pick<CompletionOptions, 'choicesPerPrompt' | 'tokenizer'>;
  readonly #counts: TokenCounts[] = [];

  constructor(options: Pick<CompletionOptions, 'choicesPerPrompt' | 'tokenizer'>) {
    this.#options = options;
  }

  add(index: number, answer: ChatAnswer): void {
    this.#counts[index] = countAnswer(answer, this.#options.tokenizer);
  }

  body(): Record<string, unknown> {
    const size = this.#options.choicesPerPrompt;
    const perPrompt = this.#counts.flatMap((_, i) => (i % size === 0 ? [sumCounts(this.#counts.slice(i, i + size))] : []));
    const sum = (of: (one: TokenCounts) => number): number => perPrompt.reduce((total, one) => total + of(one), 0);
    return usageBody({ prompt: sum((one) => one.prompt), cached: sum((one) => one.cached), completion: sum((one) => one.completion), reasoning: 0 });
  }
}

/** `offset`: where the text of the first token begins in the completion. */
function showLogprobs(tokens: readonly GeneratedToken[], offset: number, tokenizer: Tokenizer): Record<string, unknown> {
  const texts = tokens.map(({ token }) => tokenizer.tokenText(token));
  let end = offset;
  return {
    tokens: texts,
    token_logprobs: tokens.map(({ logprob }) => finite(logprob)),
    top_logprobs: tokens.map(({ top }) => Object.fromEntries(top.map(({ token, logprob }) => [tokenizer.tokenText(token), finite(logprob)]))),
    text_offset: texts.map((text) => (end += text.length) - text.length),
  };
}
