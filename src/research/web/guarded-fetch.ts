/**
 * The one way out to the web. Every address is checked before it is connected to, at every redirect anew: its scheme, its host's
 * name, all IP addresses the name resolves to, its port. The connection then goes to the addresses that were checked, so a name that
 * resolves to something else a moment later (DNS rebinding) leads nowhere.
 */
import { SourceError } from '../source-error.ts';
import { abortable } from './abortable.ts';
import { DEFAULT_FETCH_LIMITS, type FetchLimits } from './fetch-limits.ts';
import { type Resolve, resolveChecked } from './host-resolution.ts';
import { type HttpResponse, requestOnce } from './http-request.ts';
import { type AllowPrivate, parseWebAddress } from './web-address.ts';

/** As servers and robots.txt know r5. */
export const USER_AGENT = 'r5-research';

/** What the guard lets through, and how much of it. */
export interface FetchGuard {
  /** Addresses outside the public internet that may be asked. Default: none. */
  allowPrivate?: AllowPrivate;
  limits?: Partial<FetchLimits>;
  /** Resolves host names. Default: as the system does. */
  resolve?: Resolve;
}

export interface GuardedFetchOptions extends FetchGuard {
  signal: AbortSignal;
  method?: 'GET' | 'HEAD' | 'POST';
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  /** Makes one request; by default to the checked addresses. Robots, pace and cache are put around it here. */
  hop?: (request: HopRequest) => Promise<HttpResponse>;
}

/** One request of a chain of redirects. */
export interface HopRequest {
  url: URL;
  method: string;
  headers: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  signal: AbortSignal;
}

export interface FetchedResponse extends HttpResponse {
  /** As it was asked for. */
  url: string;
  /** Where the last redirect led. */
  finalUrl: string;
}

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** Headers that must not follow a redirect to another origin. */
const SECRET_HEADERS: readonly string[] = ['authorization', 'cookie', 'x-api-key', 'x-subscription-token', 'proxy-authorization'];

/**
 * Fetches an address of the public internet and follows its redirects. Any final status is an answer (see `requireSuccess`). Throws
 * SourceError: `blocked` where the guard refuses an address, on the way too; `timeout`, `too-large`, `unreadable`, `unavailable`,
 * `not-found`. A redirect from https to http is refused; one that leaves the origin loses headers that carry secrets.
 */
export async function guardedFetch(address: string | URL, options: GuardedFetchOptions): Promise<FetchedResponse> {
  const limits = { ...DEFAULT_FETCH_LIMITS, ...options.limits };
  const allow = options.allowPrivate === undefined ? {} : { allowPrivate: options.allowPrivate };
  const start = parseWebAddress(String(address), allow);
  const hop = options.hop ?? ((request: HopRequest) => requestGuarded(request, options));
  let request: HopRequest = {
    url: start,
    method: options.method ?? 'GET',
    headers: { 'user-agent': USER_AGENT, accept: '*/*', ...lowerCased(options.headers ?? {}) },
    signal: options.signal,
    ...(options.body !== undefined && { body: options.body }),
  };
  for (let redirects = 0; ; redirects++) {
    const response = await hop(request);
    const location = response.headers['location'];
    if (!REDIRECTS.includes(response.status) || location === undefined) return { ...response, url: start.href, finalUrl: request.url.href };
    if (redirects === limits.maxRedirects) throw new SourceError('unavailable', `${start.href} redirects more than ${limits.maxRedirects} times.`);
    request = redirected(request, response.status, parseWebAddress(location, { base: request.url, ...allow }));
  }
}

/** One request through the guard: the host is resolved, checked, and connected to at the checked addresses. */
export async function requestGuarded(request: HopRequest, guard: FetchGuard): Promise<HttpResponse> {
  const limits = { ...DEFAULT_FETCH_LIMITS, ...guard.limits };
  const addresses = await withTimeLimit(resolveChecked(request.url, guard), {
    signal: request.signal,
    timeoutMs: limits.connectTimeoutMs,
    message: `${request.url.host} could not be resolved within ${limits.connectTimeoutMs / 1000} s.`,
  });
  return requestOnce({ ...request, addresses, limits });
}

function redirected(request: HopRequest, status: number, url: URL): HopRequest {
  if (request.url.protocol === 'https:' && url.protocol === 'http:') {
    throw new SourceError('blocked', `${request.url.href} redirects to ${url.href}, from https down to http, which is refused.`);
  }
  const { body, ...rest } = request;
  const keepsMethod = status === 307 || status === 308 || request.method === 'HEAD';
  const isSameOrigin = url.origin === request.url.origin;
  if (keepsMethod && body !== undefined && !isSameOrigin) {
    throw new SourceError('blocked', `${request.url.href} redirects what was sent to it on to ${url.origin}, which is refused.`);
  }
  const dropped = [...(isSameOrigin ? [] : SECRET_HEADERS), ...(keepsMethod ? [] : ['content-type', 'content-length'])];
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !dropped.includes(name)));
  if (keepsMethod) return { ...rest, url, headers, ...(body !== undefined && { body }) };
  return { ...rest, method: 'GET', url, headers };
}

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

async function withTimeLimit<T>(work: Promise<T>, { signal, timeoutMs, message }: { signal: AbortSignal; timeoutMs: number; message: string }): Promise<T> {
  const limit = AbortSignal.timeout(timeoutMs);
  return abortable(work, AbortSignal.any([signal, limit])).catch((cause: unknown) => {
    throw limit.aborted && !signal.aborted ? new SourceError('timeout', message, { cause }) : cause;
  });
}
