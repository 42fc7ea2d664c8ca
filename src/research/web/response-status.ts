/** What a response's status means for the caller, and how long it asks to be left alone. */
import { SourceError, type SourceErrorKind } from '../source-error.ts';
import type { FetchedResponse } from './guarded-fetch.ts';

/** Throws SourceError for every status but a success. */
export function requireSuccess(response: FetchedResponse): void {
  const { status } = response;
  // Nobody asked for a part.
  if (status === 206) throw new SourceError('unavailable', `${response.finalUrl} sent only a part of the page (status 206).`);
  if (status >= 200 && status < 300) return;
  const retryAfterMs = retryAfterOf(response.headers);
  throw new SourceError(kindOf(status), `${response.finalUrl} answered with status ${status}.`, retryAfterMs === undefined ? {} : { retryAfterMs });
}

function kindOf(status: number): SourceErrorKind {
  if (status === 401 || status === 407) return 'auth';
  if (status === 402) return 'quota';
  if (status === 403 || status === 451) return 'refused';
  if (status === 404 || status === 410) return 'not-found';
  if (status === 408) return 'timeout';
  if (status === 429) return 'rate-limited';
  return status >= 400 && status < 500 ? 'bad-request' : 'unavailable';
}

/** `Retry-After` in milliseconds from now, given as seconds or as a date (RFC 9110, 10.2.3); undefined where there is none to read. */
export function retryAfterOf(headers: Readonly<Record<string, string>>, now: number = Date.now()): number | undefined {
  const value = headers['retry-after']?.trim() ?? '';
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
