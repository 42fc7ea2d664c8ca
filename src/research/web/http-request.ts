/** One HTTP request to addresses that have been checked: no redirects, no proxies, no cookies, no second look at the name. */
import { type ClientRequest, type IncomingMessage, Agent as HttpAgent, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { SourceError } from '../source-error.ts';
import type { FetchLimits } from './fetch-limits.ts';
import { ACCEPTED_ENCODINGS, readBody } from './http-body.ts';
import { hostName, portOf } from './web-address.ts';

export interface HttpRequest {
  url: URL;
  /** Where the connection goes, whatever the host's name resolves to by now. */
  addresses: readonly string[];
  method: string;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  limits: FetchLimits;
  signal: AbortSignal;
}

export interface HttpResponse {
  status: number;
  /** Names in lower case; several of one name joined by a comma. */
  headers: Readonly<Record<string, string>>;
  /** Unpacked. */
  body: Uint8Array;
  /** The address that answered. */
  address: string;
}

/**
 * Throws SourceError: `timeout`, `too-large`, `unreadable`, or `unavailable` where the connection fails. Throws the signal's reason
 * when it is aborted. Any status is an answer.
 */
export async function requestOnce(request: HttpRequest): Promise<HttpResponse> {
  const { url, limits, signal } = request;
  const whole = AbortSignal.timeout(limits.timeoutMs);
  const either = AbortSignal.any([signal, whole]);
  try {
    const response = await send(request, either);
    const hasBody = request.method !== 'HEAD' && response.statusCode !== 204 && response.statusCode !== 304;
    const address = response.socket.remoteAddress ?? '';
    const body = hasBody ? await readBody(response, { url: url.href, maxBytes: limits.maxBytes, signal: either }) : new Uint8Array();
    return { status: response.statusCode ?? 0, headers: headersOf(response), body, address };
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    if (cause instanceof SourceError) throw cause;
    if (whole.aborted) throw new SourceError('timeout', `${url.href} was not there after ${limits.timeoutMs / 1000} s.`, { cause });
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    const reason = cause instanceof Error && cause.message !== '' ? cause.message : code;
    throw new SourceError('unavailable', `The connection to ${url.host} failed (${reason}).`, { cause });
  }
}

function send(request: HttpRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { url, limits, method } = request;
  const host = hostName(url);
  const isSecure = url.protocol === 'https:';
  const options = {
    host,
    port: portOf(url),
    path: `${url.pathname}${url.search}`,
    method,
    headers: { host: url.host, 'accept-encoding': ACCEPTED_ENCODINGS, ...request.headers },
    lookup: pinnedLookup(request.addresses),
    maxHeaderSize: 64 * 1024,
    // Of several addresses each is given this long before the next is tried; the default is shorter than a slow way takes.
    autoSelectFamilyAttemptTimeout: 1500,
    signal,
  };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  // An agent of its own: no connection is shared, so none can have been made for another address. Proxies of the environment are not used.
  const outgoing = isSecure
    ? requestHttps({ ...options, agent: new HttpsAgent({ keepAlive: false }), ...(isIP(host) === 0 && { servername: host }) })
    : requestHttp({ ...options, agent: new HttpAgent({ keepAlive: false }) });
  const stopTimers = startTimers(outgoing, { url, limits, isSecure });
  outgoing.on('response', (response) => {
    stopTimers();
    resolve(response);
  });
  outgoing.on('error', (error) => {
    stopTimers();
    reject(error);
  });
  // A server that switches protocols ends the request without an error and without an answer.
  outgoing.on('close', () => {
    stopTimers();
    reject(new Error('the connection was closed without an answer'));
  });
  outgoing.end(request.body);
  return promise;
}

/** Ends the request with a SourceError when the connection, or the headers, take too long. */
function startTimers(outgoing: ClientRequest, { url, limits, isSecure }: { url: URL; limits: FetchLimits; isSecure: boolean }): () => void {
  const endAfter = (milliseconds: number, what: string): NodeJS.Timeout =>
    setTimeout(() => outgoing.destroy(new SourceError('timeout', `${url.host} ${what} within ${milliseconds / 1000} s.`)), milliseconds);
  const connecting = endAfter(limits.connectTimeoutMs, 'could not be connected to');
  const waiting = endAfter(limits.headersTimeoutMs, `did not answer for ${url.pathname}`);
  outgoing.on('socket', (socket) => socket.once(isSecure ? 'secureConnect' : 'connect', () => clearTimeout(connecting)));
  return () => {
    clearTimeout(connecting);
    clearTimeout(waiting);
  };
}

/** Answers with the checked addresses, so that a name which resolves differently a moment later changes nothing. */
function pinnedLookup(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, done) => {
    // A lookup that answers at once would let the socket fail before anyone listens.
    setImmediate(() => {
      const [first] = found;
      if (first === undefined) done(new Error('no address'), '', 4);
      else if (options.all === true) done(null, [...found]);
      else done(null, first.address, first.family);
    });
  };
}

const headersOf = (response: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]));
