/** An answer in the words of the AI SDK. */
import type {
  JSONObject, LanguageModelV4Content, LanguageModelV4FinishReason, LanguageModelV4ToolCall, LanguageModelV4Usage, SharedV4ProviderMetadata,
} from '@ai-sdk/provider';
import type { ToolCall } from '../../chat-message.ts';
import type { ChatAnswer } from '../../chat/chat-request.ts';
import { toolCallMetadata } from './tool-call-metadata.ts';

export function answerContent({ message }: ChatAnswer): LanguageModelV4Content[] {
  const { content, reasoning_content: reasoning, tool_calls: calls = [] } = message;
  return [
    ...(reasoning ? [{ type: 'reasoning' as const, text: reasoning }] : []),
    ...(content ? [{ type: 'text' as const, text: content }] : []),
    ...calls.map((call, i) => toolCallPart(call, i)),
  ];
}

function toolCallPart({ id, function: { name, arguments: given } }: ToolCall, index: number): LanguageModelV4ToolCall {
  const written = typeof given === 'string' ? given : JSON.stringify(given);
  return { type: 'tool-call', toolCallId: id ?? `call_${index}`, toolName: name, input: written, providerMetadata: toolCallMetadata(written) };
}

export function finishReason({ finishReason: reason, stopString }: ChatAnswer): LanguageModelV4FinishReason {
  return { unified: reason === 'aborted' ? 'other' : reason, raw: stopString === undefined ? reason : `stop string ${JSON.stringify(stopString)}` };
}

export function usage({ prompt, generation, message }: ChatAnswer): LanguageModelV4Usage {
  const { cachedTokens, tokens } = generation;
  // Where an answer has both, which tokens were thought and which were said is not counted.
  const undivided = Boolean(message.reasoning_content);
  return {
    inputTokens: { total: prompt.length, noCache: prompt.length - cachedTokens, cacheRead: cachedTokens, cacheWrite: undefined },
    outputTokens: { total: tokens.length, text: undivided ? undefined : tokens.length, reasoning: undivided ? undefined : 0 },
  };
}

/** `r5`: version of the weights, the seed of the draws, and log-probabilities where they were asked for. */
export function answerMetadata(answer: ChatAnswer, { seed, logprobs }: { seed: number | undefined; logprobs: boolean }): SharedV4ProviderMetadata {
  const r5: JSONObject = { weightsVersion: answer.generation.weightsVersion };
  if (seed !== undefined) r5.seed = seed;
  if (logprobs) r5.logprobs = answer.tokens.map(({ token, logprob, top }) => ({ token, logprob, top: top.map((other) => ({ ...other })) }));
  return { r5 };
}
