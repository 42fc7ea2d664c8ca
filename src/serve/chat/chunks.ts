/** A chat completion as it is written: the chunks of a stream. */
import type { ChatEvent } from '../../chat/chat-request.ts';
import type { Tokenizer } from '../../model/tokenizer.ts';
import type { ChoiceEvent } from '../choices.ts';
import type { ServerSentEvent } from '../event-stream.ts';
import { countAnswer, sumCounts, usageBody, type TokenCounts } from '../usage.ts';
import { finishReasons } from './answer.ts';
import { showLogprob } from './logprobs.ts';

export interface ChunkOptions {
  id: string;
  created: number;
  model: string;
  fingerprint: string;
  tokenizer: Tokenizer;
  logprobs: boolean;
  includeUsage: boolean;
}

interface Delta {
  delta: Record<string, unknown>;
  finishReason?: string;
  logprobs?: Record<string, unknown>;
}

export async function* chatChunks(events: AsyncIterable<ChoiceEvent<ChatEvent>>, options: ChunkOptions): AsyncGenerator<ServerSentEvent, void, undefined> {
  const { id, created, model, fingerprint, includeUsage, tokenizer } = options;
  const chunk = (choices: unknown[], usage: unknown): ServerSentEvent => ({
    data: JSON.stringify({ id, object: 'chat.completion.chunk', created, model, system_fingerprint: fingerprint, choices, ...(includeUsage ? { usage } : {}) }),
  });
  const choice = (index: number, { delta, finishReason, logprobs }: Delta): ServerSentEvent =>
    chunk([{ index, delta, logprobs: logprobs ?? null, finish_reason: finishReason ?? null }], null);
  const begun = new Set<number>();
  const counts: TokenCounts[] = [];
  for await (const { index, event } of events) {
    if (!begun.has(index)) {
      begun.add(index);
      yield choice(index, { delta: { role: 'assistant', content: '' } });
    }
    const delta = deltaOf(event, options);
    if (delta) yield choice(index, delta);
    if (event.type === 'finish') counts[index] = countAnswer(event.answer, tokenizer);
  }
  if (includeUsage) yield chunk([], usageBody(sumCounts(counts)));
  yield { data: '[DONE]' };
}

function deltaOf(event: ChatEvent, { logprobs, tokenizer }: ChunkOptions): Delta | undefined {
  switch (event.type) {
    case 'reasoning':
      return { delta: { reasoning_content: event.text } };
    case 'text':
      return {
        delta: { content: event.text },
        ...(logprobs ? { logprobs: { content: event.tokens.map((token) => showLogprob(token, tokenizer)), refusal: null } } : {}),
      };
    case 'tool-call-start':
      return { delta: { tool_calls: [{ index: event.index, id: event.id, type: 'function', function: { name: event.name, arguments: '' } }] } };
    case 'tool-call-arguments':
      return { delta: { tool_calls: [{ index: event.index, function: { arguments: event.text } }] } };
    case 'tool-call-end':
      return undefined;
    case 'finish':
      return { delta: {}, finishReason: finishReasons[event.answer.finishReason] };
  }
}
