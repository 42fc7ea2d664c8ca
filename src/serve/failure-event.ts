import { asApiError } from './api-error.ts';
import type { ServerSentEvent } from './event-stream.ts';
import type { ServerContext } from './server-context.ts';

/** What a client reads in a stream that broke off. Without `[DONE]` after it, no client takes the answer for whole. */
export function failureEvent(error: unknown, { onDefect }: Pick<ServerContext, 'onDefect'>): ServerSentEvent {
  const shown = asApiError(error);
  if (shown.status === 500) onDefect(error);
  return { data: JSON.stringify(shown.body) };
}
