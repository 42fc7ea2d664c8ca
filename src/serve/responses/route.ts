/** POST /v1/responses, GET /v1/responses/:id */
import type { ChatEvent } from '../../chat/chat-request.ts';
import { ApiError, asApiError } from '../api-error.ts';
import { runChoices } from '../choices.ts';
import { callModel } from '../episodes/call-model.ts';
import { episodeOf } from '../episodes/routes.ts';
import { eventStream, type ServerSentEvent } from '../event-stream.ts';
import { failureEvent } from '../failure-event.ts';
import { followAnswer } from '../follow-answer.ts';
import type { HttpCall } from '../http-call.ts';
import { readJson } from '../read-json.ts';
import { chatModelOf, checkModelName } from '../served-model.ts';
import { beginGenerating, type ServerContext } from '../server-context.ts';
import { newId } from './output-items.ts';
import { parseResponsesRequest, type ResponsesRequest } from './request.ts';
import { responseEvents, type NumberedEvent, type ResponseOptions } from './response-events.ts';

export async function createResponse({ request: http, hangUp, episode: episodeId }: HttpCall, context: ServerContext): Promise<Response> {
  const arrivedMs = performance.now();
  const { model, limits, slots, metrics, responses } = context;
  const request = parseResponsesRequest(await readJson(http, limits.bodyBytes), limits, responses);
  checkModelName(request.model, model);
  const chat = chatModelOf(model);
  if (request.messages.length === 0) throw new ApiError(400, "There is no 'input'.", { param: 'input', code: 'invalid_value' });
  const episode = await episodeOf(episodeId, context);
  const active = beginGenerating(context, http.signal, 1);
  const events = runChoices(1, slots, active.signal, (_, signal) => followAnswer(() => callModel(chat, { ...request.chat, signal }, episode), { signal, timer: metrics.startGeneration(arrivedMs), param: 'input' }));
  const failures: unknown[] = [];
  const written = responseEvents(onlyEvents(events), optionsOf(request, context, (error) => failures.push(error)));
  if (request.stream) {
    return eventStream(asServerSent(written), { onEnd: active.end, stallMs: limits.stallTimeoutMs, hangUp, describeFailure: (error) => failureEvent(error, context) });
  }
  try {
    const response = await wholeResponse(written);
    for (const failure of failures) throw failure;
    return Response.json(response);
  } finally {
    active.end();
  }
}

export const getResponse = (id: string, { responses }: ServerContext): Response => Response.json(responses.get(id).body);

function optionsOf(request: ResponsesRequest, { model, responses, onDefect }: ServerContext, onFailure: (error: unknown) => void): ResponseOptions {
  return {
    id: newId('resp'),
    createdSeconds: Math.floor(Date.now() / 1000),
    model: model.name,
    tokenizer: model.tokenizer,
    logprobs: request.logprobs,
    repeated: request.repeated,
    onAnswer: ({ message }, body) => {
      if (request.store) responses.add({ body, messages: [...request.messages, message] });
    },
    onFailure: (error) => {
      if (request.stream && asApiError(error).status === 500) onDefect(error);
      onFailure(error);
    },
  };
}

async function* onlyEvents(events: AsyncIterable<{ event: ChatEvent }>): AsyncGenerator<ChatEvent, void, undefined> {
  for await (const { event } of events) yield event;
}

async function* asServerSent(events: AsyncIterable<NumberedEvent>): AsyncGenerator<ServerSentEvent, void, undefined> {
  for await (const event of events) yield { event: event.type, data: JSON.stringify(event) };
}

/** What the last event tells. */
async function wholeResponse(events: AsyncIterable<NumberedEvent>): Promise<unknown> {
  let last: NumberedEvent | undefined;
  for await (const event of events) last = event;
  return last?.response;
}
