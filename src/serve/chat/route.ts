/** POST /v1/chat/completions */
import { randomUUID } from 'node:crypto';
import { ApiError } from '../api-error.ts';
import { runChoices } from '../choices.ts';
import { callModel } from '../episodes/call-model.ts';
import { episodeOf } from '../episodes/routes.ts';
import { eventStream } from '../event-stream.ts';
import { failureEvent } from '../failure-event.ts';
import { followAnswer } from '../follow-answer.ts';
import type { HttpCall } from '../http-call.ts';
import { readJson } from '../read-json.ts';
import { chatModelOf, checkModelName } from '../served-model.ts';
import { beginGenerating, type ServerContext } from '../server-context.ts';
import { wholeAnswer } from './answer.ts';
import { chatChunks } from './chunks.ts';
import { parseChatRequest } from './request.ts';

export async function chatCompletions({ request: http, hangUp, episode: episodeId }: HttpCall, context: ServerContext): Promise<Response> {
  const arrivedMs = performance.now();
  const { model, limits, slots, metrics } = context;
  const request = parseChatRequest(await readJson(http, limits.bodyBytes), limits);
  checkModelName(request.model, model);
  const chat = chatModelOf(model);
  if (episodeId !== undefined && request.choices > 1) throw new ApiError(400, 'An episode goes on with one answer; n must be 1.', { param: 'n', code: 'invalid_value' });
  const episode = await episodeOf(episodeId, context);
  const active = beginGenerating(context, http.signal, request.choices);
  const events = runChoices(request.choices, slots, active.signal, (choice, signal) =>
    followAnswer(() => callModel(chat, { ...request.chat(choice), signal }, episode), { signal, timer: metrics.startGeneration(arrivedMs), param: 'messages' }),
  );
  const options = {
    id: `chatcmpl-${randomUUID()}`,
    created: Math.floor(Date.now() / 1000),
    model: model.name,
    fingerprint: context.fingerprint,
    tokenizer: model.tokenizer,
    logprobs: request.logprobs,
  };
  if (request.stream) {
    const chunks = chatChunks(events, { ...options, includeUsage: request.includeUsage });
    return eventStream(chunks, { onEnd: active.end, stallMs: limits.stallTimeoutMs, hangUp, describeFailure: (error) => failureEvent(error, context) });
  }
  try {
    return Response.json(await wholeAnswer(events, options));
  } finally {
    active.end();
  }
}
