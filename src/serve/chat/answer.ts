/** A whole chat completion. */
import type { ChatAnswer, ChatEvent, ChatFinishReason } from '../../chat/chat-request.ts';
import type { Tokenizer } from '../../model/tokenizer.ts';
import type { ChoiceEvent } from '../choices.ts';
import { countAnswer, sumCounts, usageBody } from '../usage.ts';
import { showLogprob, type ShownLogprob } from './logprobs.ts';

/** `aborted` never reaches a client that still listens. */
export const finishReasons: Readonly<Record<ChatFinishReason, string>> = { stop: 'stop', length: 'length', 'tool-calls': 'tool_calls', aborted: 'stop' };

export interface AnswerOptions {
  id: string;
  created: number;
  model: string;
  fingerprint: string;
  tokenizer: Tokenizer;
  logprobs: boolean;
}

interface Choice {
  answer: ChatAnswer;
  logprobs: ShownLogprob[];
}

export async function wholeAnswer(events: AsyncIterable<ChoiceEvent<ChatEvent>>, options: AnswerOptions): Promise<Record<string, unknown>> {
  const { id, created, model, fingerprint, tokenizer } = options;
  const logprobs: ShownLogprob[][] = [];
  const choices: Choice[] = [];
  for await (const { index, event } of events) {
    const shown = (logprobs[index] ??= []);
    if (event.type === 'text' && options.logprobs) shown.push(...event.tokens.map((token) => showLogprob(token, tokenizer)));
    if (event.type === 'finish') choices[index] = { answer: event.answer, logprobs: shown };
  }
  return {
    id,
    object: 'chat.completion',
    created,
    model,
    system_fingerprint: fingerprint,
    choices: choices.map((choice, index) => ({
      index,
      message: messageBody(choice.answer),
      logprobs: options.logprobs ? { content: choice.logprobs, refusal: null } : null,
      finish_reason: finishReasons[choice.answer.finishReason],
    })),
    usage: usageBody(sumCounts(choices.map(({ answer }) => countAnswer(answer, tokenizer)))),
  };
}

function messageBody({ message }: ChatAnswer): Record<string, unknown> {
  const { content, reasoning_content: reasoning, tool_calls: calls = [] } = message;
  return {
    role: 'assistant',
    content: calls.length > 0 && !content ? null : (content ?? ''),
    refusal: null,
    ...(reasoning ? { reasoning_content: reasoning } : {}),
    ...(calls.length > 0 ? { tool_calls: calls.map(({ id, function: called }) => ({ id, type: 'function', function: { name: called.name, arguments: argumentsText(called.arguments) } })) } : {}),
  };
}

export const argumentsText = (given: string | Readonly<Record<string, unknown>>): string => (typeof given === 'string' ? given : JSON.stringify(given));
