/** What a provider threw, as the kind of failure that decides whether and when another try is worth it. */
import { APICallError, LoadAPIKeyError } from 'ai';
import { R5Error } from '../../error.ts';
import { ModelError, type ModelErrorKind } from './model-error.ts';

const CONTEXT_FULL = /context.{0,20}(length|window|size)|maximum context|too many tokens|prompt is too long|does not fit/i;
const USED_UP = /insufficient[_ ]quota|credit balance/i;
const QUOTA = /insufficient[_ ]quota|exceeded your current quota|billing|credit balance|payment/i;

export function modelFailure(error: unknown, model: string): ModelError {
  if (error instanceof ModelError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (LoadAPIKeyError.isInstance(error)) return new ModelError('auth', `The model ${model} has no API key: ${text}`, { cause: error });
  if (!APICallError.isInstance(error)) {
    if (error instanceof R5Error && CONTEXT_FULL.test(text)) return new ModelError('context-full', `The model ${model}: ${text}`, { cause: error });
    if (error instanceof R5Error) return new ModelError('bad-request', `The model ${model}: ${text}`, { cause: error });
    return new ModelError('unavailable', `The model ${model} could not be reached: ${text.replace(/\.$/, '')}. ${adviceFor('unavailable')}`, { cause: error });
  }
  const { statusCode, responseBody = '', responseHeaders = {} } = error;
  const said = `${text} ${responseBody}`;
  const wait = retryAfterMs(responseHeaders['retry-after-ms'], responseHeaders['retry-after']) ?? waitInWords(said);
  // Gemini says of every limit that the quota is exceeded; what it wants to be asked again in a moment is none that is used up.
  const kind = statusCode === 429 && wait !== undefined && !USED_UP.test(said) ? 'rate-limited' : kindOf(statusCode, said);
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
  // A stream that began well and broke off.
  if (status < 400) return 'unavailable';
  if (status === 413 || CONTEXT_FULL.test(said)) return 'context-full';
  return status >= 500 ? 'unavailable' : 'bad-request';
}

const advice: Readonly<Partial<Record<ModelErrorKind, string>>> = {
  auth: 'Check the API key.',
  quota: 'The account has nothing left; add to it or take another model.',
  'not-found': 'Check the name of the model and the address.',
  'rate-limited': 'Wait a little and resume the run; nothing that was paid for is repeated.',
  unavailable: 'Check that the server runs and that the address is that of its API (it mostly ends with /v1), then resume the run; nothing that was paid for is repeated.',
};
const adviceFor = (kind: ModelErrorKind): string => advice[kind] ?? 'Take another model, or resume the run with other settings.';

/** "Please try again in 7.66s", "retry in 34s", "retryDelay": "34s". */
function waitInWords(said: string): number | undefined {
  const [, amount, unit] = /(?:try again in|retry in|retry after|retryDelay"?:\s*")\s*(\d+(?:\.\d+)?)\s*(ms|s|m)/i.exec(said) ?? [];
  if (amount === undefined) return undefined;
  const milliseconds = unit?.toLowerCase() === 'ms' ? 1 : unit?.toLowerCase() === 'm' ? 60_000 : 1000;
  return Math.ceil(Number(amount) * milliseconds);
}

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
