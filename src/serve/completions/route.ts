/** POST /v1/completions */
import { randomUUID } from 'node:crypto';
import { ApiError } from '../api-error.ts';
import { runChoices } from '../choices.ts';
import { eventStream } from '../event-stream.ts';
import { failureEvent } from '../failure-event.ts';
import { followAnswer } from '../follow-answer.ts';
import type { HttpCall } from '../http-call.ts';
import { readJson } from '../read-json.ts';
import { checkModelName, type ServedModel } from '../served-model.ts';
import { beginGenerating, type ServerContext } from '../server-context.ts';
import { completionChunks, wholeCompletion } from './answer.ts';
import { parseCompletionsRequest } from './request.ts';

export async function completions({ request: http, hangUp, episode }: HttpCall, context: ServerContext): Promise<Response> {
  const arrivedMs = performance.now();
  const { model, limits, slots, metrics } = context;
  if (episode !== undefined) throw new ApiError(400, 'Episodes are recorded of chat completions and responses; a plain completion belongs to none.', { code: 'not_recorded' });
  const request = parseCompletionsRequest(await readJson(http, limits.bodyBytes), limits);
  checkModelName(request.model, model);
  checkTokens(request.prompts, model);
  const wanted = request.prompts.length * request.choices;
  const active = beginGenerating(context, http.signal, wanted);
  const events = runChoices(wanted, slots, active.signal, (choice, signal) => {
    const prompt = request.prompts[Math.floor(choice / request.choices)] ?? '';
    const text = { prompt, sampling: request.sampling(choice % request.choices), topLogprobs: request.logprobs ?? 0, signal };
    return followAnswer(() => model.chat.streamText(text), { signal, timer: metrics.startGeneration(arrivedMs), param: 'prompt' });
  });
  const options = {
    id: `cmpl-${randomUUID()}`,
    created: Math.floor(Date.now() / 1000),
    model: model.name,
    fingerprint: context.fingerprint,
    tokenizer: model.tokenizer,
    choicesPerPrompt: request.choices,
    logprobs: request.logprobs !== undefined,
  };
  if (request.stream) {
    const chunks = completionChunks(events, { ...options, includeUsage: request.includeUsage });
    return eventStream(chunks, { onEnd: active.end, stallMs: limits.stallTimeoutMs, hangUp, describeFailure: (error) => failureEvent(error, context) });
  }
  try {
    return Response.json(await wholeCompletion(events, options));
  } finally {
    active.end();
  }
}

function checkTokens(prompts: readonly (string | readonly number[])[], { engine: { vocabularySize } }: ServedModel): void {
  const foreign = prompts.flatMap((prompt) => (typeof prompt === 'string' ? [] : prompt.filter((token) => token >= vocabularySize)))[0];
  if (foreign === undefined) return;
  throw new ApiError(400, `The prompt has the token ${foreign}; the model has ${vocabularySize} tokens, counted from 0.`, { param: 'prompt', code: 'invalid_value' });
}
