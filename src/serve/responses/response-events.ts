/** A response as it is written: the events of the Responses API, numbered, from `response.created` to the one that holds the whole. */
import type { ChatAnswer, ChatEvent } from '../../chat/chat-request.ts';
import type { Tokenizer } from '../../model/tokenizer.ts';
import { asApiError } from '../api-error.ts';
import { showLogprob } from '../chat/logprobs.ts';
import { countAnswer } from '../usage.ts';
import { OutputItems, type OutputEvent, type OutputItem } from './output-items.ts';

export interface ResponseBody extends Record<string, unknown> {
  id: string;
  status: string;
  output: readonly OutputItem[];
}

export interface ResponseOptions {
  id: string;
  createdSeconds: number;
  model: string;
  tokenizer: Tokenizer;
  logprobs: boolean;
  /** Further fields of the response. */
  repeated: Readonly<Record<string, unknown>>;
  /** Told of the whole response, before the client is. */
  onAnswer: (answer: ChatAnswer, body: ResponseBody) => void;
  onFailure: (error: unknown) => void;
}

export interface NumberedEvent extends OutputEvent {
  sequence_number: number;
}

/** Throws what the first event of the answer throws; what goes wrong later is told as `response.failed`. */
export async function* responseEvents(events: AsyncIterator<ChatEvent, unknown>, options: ResponseOptions): AsyncGenerator<NumberedEvent, void, undefined> {
  let number = 0;
  const numbered = (event: OutputEvent): NumberedEvent => ({ ...event, sequence_number: number++ });
  const items = new OutputItems();
  const body = (status: string, fields: Record<string, unknown> = {}): ResponseBody => responseBody(options, status, items.items, fields);
  let next = await events.next();
  yield numbered({ type: 'response.created', response: body('in_progress') });
  yield numbered({ type: 'response.in_progress', response: body('in_progress') });
  try {
    for (; next.done !== true; next = await events.next()) {
      const event: ChatEvent = next.value;
      if (event.type !== 'finish') {
        for (const step of stepsOf(event, items, options)) yield numbered(step);
        continue;
      }
      const { answer } = event;
      const whole = answer.finishReason !== 'length';
      const status = whole ? 'completed' : 'incomplete';
      for (const step of items.closeAll(status)) yield numbered(step);
      const response = body(status, {
        incomplete_details: whole ? null : { reason: 'max_output_tokens' },
        usage: usageOf(answer, options.tokenizer),
        ...(whole ? { completed_at: Math.floor(Date.now() / 1000) } : {}),
      });
      options.onAnswer(answer, response);
      yield numbered({ type: `response.${status}`, response });
    }
  } catch (error) {
    options.onFailure(error);
    const { message, code } = asApiError(error);
    yield numbered({ type: 'response.failed', response: body('failed', { error: { code: code ?? 'server_error', message } }) });
  } finally {
    await events.return?.();
  }
}

function stepsOf(event: Exclude<ChatEvent, { type: 'finish' }>, items: OutputItems, { logprobs, tokenizer }: ResponseOptions): Iterable<OutputEvent> {
  switch (event.type) {
    case 'reasoning':
      return items.write('reasoning', event.text);
    case 'text':
      return items.write('message', event.text, logprobs ? event.tokens.map((token) => showLogprob(token, tokenizer)) : []);
    case 'tool-call-start':
      return items.openCall(event.index, event.id, event.name);
    case 'tool-call-arguments':
      return items.writeCall(event.index, event.text);
    case 'tool-call-end':
      return items.closeCall(event.index, 'completed');
  }
}

function responseBody({ id, createdSeconds, model, repeated }: ResponseOptions, status: string, output: readonly OutputItem[], fields: Record<string, unknown>): ResponseBody {
  const base = { id, object: 'response', created_at: createdSeconds, status, error: null, incomplete_details: null, model, usage: null, ...repeated };
  return { ...base, output: status === 'in_progress' ? [] : output, ...fields };
}

function usageOf(answer: ChatAnswer, tokenizer: Tokenizer): Record<string, unknown> {
  const { prompt, cached, completion, reasoning } = countAnswer(answer, tokenizer);
  return {
    input_tokens: prompt,
    input_tokens_details: { cached_tokens: cached, cache_write_tokens: 0 },
    output_tokens: completion,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: prompt + completion,
  };
}
