/** POST /v1/chat/completions: the last question of the conversation becomes a run. */
import { randomUUID } from 'node:crypto';
import { eventStream } from '../../serve/event-stream.ts';
import { failureEvent } from '../../serve/failure-event.ts';
import type { HttpCall } from '../../serve/http-call.ts';
import { readJson } from '../../serve/read-json.ts';
import { checkModelName } from '../../serve/served-model.ts';
import { beginGenerating } from '../../serve/server-context.ts';
import type { ResearchServerContext } from '../research-server-context.ts';
import { answerChunks, wholeAnswer } from './answer.ts';
import { followRun, type RunTold } from './follow-run.ts';
import { parseResearchRequest } from './request.ts';

export const RUN_HEADER = 'x-r5-run';

export async function chatCompletions({ request: http, hangUp }: HttpCall, context: ResearchServerContext): Promise<Response> {
  const { service, name, limits, slots, metrics } = context;
  const { model, stream, includeUsage, ...asked } = parseResearchRequest(await readJson(http, limits.bodyBytes));
  checkModelName(model, { name });
  const active = beginGenerating(context, http.signal, 1);
  const told = counted(followRun(asked, { service, slots, signal: active.signal, aliveMs: limits.aliveMs }), metrics);
  let run: string | undefined;
  const options = { id: `chatcmpl-${randomUUID()}`, created: Math.floor(Date.now() / 1000), model: name, onRun: (id: string) => (run = id) };
  if (stream) {
    const chunks = answerChunks(told, { ...options, includeUsage });
    const response = await eventStream(chunks, { onEnd: active.end, stallMs: limits.stallTimeoutMs, hangUp, describeFailure: (error) => failureEvent(error, context) });
    return named(response, run);
  }
  try {
    return named(Response.json(await wholeAnswer(told, options)), run);
  } finally {
    active.end();
  }
}

/** The run may not have begun: then the stream says which it is. */
function named(response: Response, run: string | undefined): Response {
  if (run !== undefined) response.headers.set(RUN_HEADER, run);
  return response;
}

async function* counted(told: AsyncIterable<RunTold>, metrics: ResearchServerContext['metrics']): AsyncGenerator<RunTold, void, undefined> {
  const startMs = performance.now();
  for await (const one of told) {
    if (one.type === 'ended') metrics.countRun(one.result, (performance.now() - startMs) / 1000);
    yield one;
  }
}
