/** Asks a search service over the guarded fetch, and makes of every answer that is not the right one an error that says what to do. */
import type { z } from 'zod';
import { SourceError, type SourceErrorKind } from '../source-error.ts';
import { type FetchedResponse, guardedFetch } from '../web/guarded-fetch.ts';
import { retryAfterOf } from '../web/response-status.ts';
import { decodeText } from '../web/text-encoding.ts';

export interface SourceHttp {
  /** Hosts outside the public internet that the user has named, such as that of an own SearXNG. */
  allowPrivate?: readonly string[];
}

export interface Failure {
  kind: SourceErrorKind;
  /** What it means and what to do. */
  advice: string;
}

export interface SourceRequest {
  /** The source's name, for messages. */
  source: string;
  url: string | URL;
  method?: 'GET' | 'POST';
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  body?: object;
  /** Keys; they appear in no message. */
  secrets?: readonly string[];
  /** What a failed answer of this service means, where the status alone does not say it. */
  explain?: (status: number, answer: string, headers: Readonly<Record<string, string>>) => Failure | undefined;
  /** The variable with the key, to be looked at when it is refused. */
  keyVariable?: string;
}

/** Throws SourceError, also for an answer that is no JSON or not of the expected shape. */
export async function requestJson<Schema extends z.ZodType>(request: SourceRequest, schema: Schema, options: SourceHttp & { signal: AbortSignal }): Promise<z.output<Schema>> {
  const { text, address } = await requestText(request, options);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const what = text.trim() === '' ? 'with nothing' : /^\s*</.test(text) ? 'with a page instead of JSON' : 'with something that is no JSON';
    throw new SourceError('unreadable', `${request.source} answered ${what}; something between here and ${address} answers in its place, or the address is not that of its API.`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new SourceError('unreadable', `${request.source} answered in a shape that r5 does not know (${issue?.path.join('.') || 'answer'}: ${issue?.message ?? 'unknown'}).`);
}

/** The body of a success. Throws SourceError. */
export async function requestText(request: SourceRequest, { signal, allowPrivate }: SourceHttp & { signal: AbortSignal }): Promise<{ text: string; address: string }> {
  const { source, url, method = 'GET', headers = {}, body, secrets = [] } = request;
  const address = new URL(url).origin;
  const response = await withoutSecrets(secrets, () =>
    guardedFetch(url, {
      signal,
      method,
      headers: { accept: 'application/json', ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(allowPrivate !== undefined && { allowPrivate }),
    }),
  );
  const text = decodeText(response.body, response.headers['content-type'] ?? '');
  if (response.status >= 200 && response.status < 300) return { text, address };
  const { kind, advice } = request.explain?.(response.status, text, response.headers) ?? explainStatus(response.status, request);
  const said = saidBy(text);
  const message = `${source} answered with status ${response.status}${said === '' ? '' : ` (${said})`}. ${advice}`;
  const retryAfterMs = kind === 'rate-limited' || kind === 'unavailable' ? retryTime(response) : undefined;
  throw new SourceError(kind, redacted(message, secrets), retryAfterMs === undefined ? {} : { retryAfterMs });
}

function explainStatus(status: number, { source, keyVariable, url }: SourceRequest): Failure {
  const key = keyVariable === undefined ? 'It asks for a key.' : `Is the key in ${keyVariable} right and still valid?`;
  if (status === 401) return { kind: 'auth', advice: key };
  if (status === 402) return { kind: 'quota', advice: `The credit at ${source} is used up; add to it, or search with other sources.` };
  if (status === 403) return { kind: 'refused', advice: keyVariable === undefined ? `It refuses requests from here.` : `${key} May it be used for this search?` };
  if (status === 404) return { kind: 'not-found', advice: `There is no such service at ${new URL(url).origin}; is the address right?` };
  if (status === 408 || status === 504) return { kind: 'timeout', advice: 'It took too long; try again later.' };
  if (status === 429) return { kind: 'rate-limited', advice: 'Too many searches in a short time; wait, or search with more sources.' };
  if (status >= 500) return { kind: 'unavailable', advice: 'The fault is on its side; try again later.' };
  return { kind: 'bad-request', advice: 'It does not take the request; this is a defect of r5, or the service has changed.' };
}

/** From `Retry-After`, or the seconds to the next window of `X-RateLimit-Reset` (several are parted by commas). */
function retryTime({ headers }: FetchedResponse): number | undefined {
  const windows = (headers['x-ratelimit-reset'] ?? '').split(',').map((part) => Number(part.trim() || 'none')).filter((seconds) => seconds > 0 && seconds < 86_400);
  return retryAfterOf(headers) ?? (windows.length === 0 ? undefined : Math.min(...windows) * 1000);
}

/** What the service itself says was wrong, as one line. */
function saidBy(text: string): string {
  const find = (value: unknown): string => {
    if (typeof value === 'string') return value;
    if (Array.isArray(value)) return find(value[0]);
    if (typeof value !== 'object' || value === null) return '';
    const fields: Record<string, unknown> = { ...value };
    for (const name of ['message', 'detail', 'error', 'error_message', 'info', 'msg', 'title']) {
      const said = find(fields[name]);
      if (said !== '') return said;
    }
    return '';
  };
  try {
    return find(JSON.parse(text)).replace(/[\p{Cc}\s]+/gu, ' ').trim().slice(0, 200);
  } catch {
    // Pages of errors say nothing that their status does not.
    return '';
  }
}

/** Errors of the fetch name the whole address, which may hold a key. */
async function withoutSecrets<Result>(secrets: readonly string[], work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SourceError) || redacted(error.message, secrets) === error.message) throw error;
    throw new SourceError(error.kind, redacted(error.message, secrets), error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs });
  }
}

function redacted(message: string, secrets: readonly string[]): string {
  const forms = secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]).filter((form) => form !== '');
  return forms.reduce((text, form) => text.replaceAll(form, '[key]'), message);
}
