/** What a provider threw, as the kind of failure that decides whether and when another try is worth it. */
import { APICallError, LoadAPIKeyError } from 'ai';
import { R5Error } from '../../error.ts';
import { ModelError, type ModelErrorKind } from './model-error.ts';

const CONTEXT_FULL = /context.{0,20}(length|window|size)|maximum context|too many tokens|prompt is too long|does not fit/i;
const QUOTA = /insufficient[_ ]quota|billing|credit balance|payment/i;

export function modelFailure(error: unknown, model: string): ModelError {
  if (error instanceof ModelError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (LoadAPIKeyError.isInstance(error)) return new ModelError('auth', `The model ${model} has no API key: ${text}`, { cause: error });
  if (!APICallError.isInstance(error)) {
    if (error instanceof R5Error && CONTEXT_FULL.test(text)) return new ModelError('context-full', `The model ${model}: ${text}`, { cause: error });
    if (error instanceof R5Error) return new ModelError('bad-request', `The model ${model}: ${text}`, { cause: error });
    return new ModelError('unavailable', `The model ${model} could not be reached: ${text}`, { cause: error });
  }
  const { statusCode, responseBody = '', responseHeaders = {} } = error;
  const said = `${text} ${responseBody}`;
  const kind = kindOf(statusCode, said);
  const wait = retryAfterMs(responseHeaders['retry-after-ms'], responseHeaders['retry-after']);
  const status = statusCode === undefined ? 'no answer' : `status ${statusCode}`;
  return new ModelError(kind, `The model ${model} failed (${status}): ${text.slice(0, 500)}. ${adviceFor(kind)}`, { cause: error, ...(wait === undefined ? {} : { retryAfterMs: wait }) });
}

function kindOf(status: number | undefined, said: string): ModelErrorKind {
  if (status === undefined) return 'unavailable';
  if (QUOTA.test(said) && (status === 429 || status === 403 || status === 400)) return 'quota';
  if (status === 401 || status === 403) return 'auth';
  if (status === 402) return 'quota';
  if (status === 404) return 'not-found';
  if (status === 408) return 'timeout';
  if (status === 429) return 'rate-limited';
  if (status === 413 || CONTEXT_FULL.test(said)) return 'context-full';
  return status >= 500 ? 'unavailable' : 'bad-request';
}

const advice: Readonly<Partial<Record<ModelErrorKind, string>>> = {
  auth: 'Check the API key.',
  quota: 'The account has nothing left; add to it or take another model.',
  'not-found': 'Check the name of the model and the address.',
  'rate-limited': 'Wait a little and resume the run; nothing that was paid for is repeated.',
  unavailable: 'Check that the server runs, then resume the run; nothing that was paid for is repeated.',
};
const adviceFor = (kind: ModelErrorKind): string => advice[kind] ?? 'Take another model, or resume the run with other settings.';

/** Of the headers `retry-after-ms` and `retry-after` (seconds or a date). */
function retryAfterMs(milliseconds: string | undefined, seconds: string | undefined): number | undefined {
  const direct = Number(milliseconds ?? NaN);
  if (Number.isFinite(direct) && direct >= 0) return direct;
  if (seconds === undefined) return undefined;
  const given = Number(seconds);
  if (Number.isFinite(given) && given >= 0) return given * 1000;
  const date = Date.parse(seconds);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
