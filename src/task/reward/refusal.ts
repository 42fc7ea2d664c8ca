/** What a failed call to a model says: whether trying again may help, and when. */
import { APICallError } from '@ai-sdk/provider';
import { messageOf } from '../rows.ts';

export interface Refusal {
  /** Whether another attempt may go well: too many requests, a server's failure, no connection, too slow. */
  temporary: boolean;
  /** How long the service asks to wait. */
  waitMs?: number;
  message: string;
}

/** Reads the error of a call. What no service has raised is a defect and not temporary. */
export function refusalOf(error: unknown): Refusal {
  const message = messageOf(error);
  if (error instanceof DOMException && error.name === 'TimeoutError') return { temporary: true, message: 'it took too long' };
  if (!APICallError.isInstance(error)) return { temporary: isConnectionError(error), message };
  const { statusCode, responseHeaders } = error;
  // A success that cannot be read is the page of something on the way.
  const temporary = statusCode === undefined ? error.isRetryable : [408, 409, 425, 429].includes(statusCode) || statusCode >= 500 || statusCode < 300;
  const waitMs = temporary ? waitOf(responseHeaders) : undefined;
  return { temporary, message: statusCode === undefined ? message : `${statusCode} ${message}`, ...(waitMs === undefined ? {} : { waitMs }) };
}

/** The connection broke: the error or its cause has a code of the system or of Node's HTTP client. */
function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && /^(?:E[A-Z]+|UND_ERR_[A-Z_]+)$/.test(error.code)) return true;
  return isConnectionError(error.cause);
}

/** `retry-after-ms`, or `retry-after` as seconds or as a date (RFC 9110). */
function waitOf(headers: Readonly<Record<string, string>> = {}): number | undefined {
  const named = (wanted: string): string | undefined => Object.entries(headers).find(([name]) => name.toLowerCase() === wanted)?.[1];
  const exact = Number(named('retry-after-ms') ?? NaN);
  if (exact >= 0) return exact;
  const after = named('retry-after');
  if (after === undefined) return undefined;
  const inSeconds = Number(after);
  const ms = after.trim() !== '' && inSeconds >= 0 ? 1000 * inSeconds : Date.parse(after) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
