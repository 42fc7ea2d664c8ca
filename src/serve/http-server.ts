/** The HTTP server under a set of routes: listening, limits of connections, and an end that lets answers under way come to theirs. */
import { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { R5Error } from '../error.ts';
import type { ActiveRequests } from './active-requests.ts';
import { stoppingError } from './api-error.ts';
import { answerConnectionErrors } from './connection-errors.ts';
import type { Routes } from './counted-routes.ts';
import type { ServeLimits } from './serve-limits.ts';

export interface RunningServer {
  /** `http://127.0.0.1:8080`; clients take `<url>/v1` as their base URL. */
  url: string;
  port: number;
  /**
   * Takes no more requests and waits for those under way; after `graceMs` (default 10 s) they are cut off. Resolves when all connections are
   * closed. What it serves stays open: it belongs to the caller.
   */
  close: (options?: { graceMs?: number }) => Promise<void>;
}

export interface HttpServerOptions {
  app: Routes['app'];
  /** Default 127.0.0.1: only this machine. */
  host?: string | undefined;
  /** Default 0: one that is free. */
  port?: number | undefined;
  limits: Pick<ServeLimits, 'headersTimeoutMs' | 'requestTimeoutMs' | 'connections'>;
  requests: ActiveRequests;
  /** Told of failures that are not the client's. */
  onDefect: (error: unknown) => void;
}

/** Resolves when the server listens. Throws R5Error when it cannot. */
export async function startHttpServer({ app, host = '127.0.0.1', port = 0, limits, requests, onDefect }: HttpServerOptions): Promise<RunningServer> {
  const server = makeServer(app, limits);
  const address = await listen(server, host, port);
  // A connection that could not be taken (too many open files) is lost; the server is not.
  server.on('error', onDefect);
  return { url: urlOf(host, address), port: address, close: ({ graceMs = 10_000 } = {}) => close(server, requests, graceMs) };
}

function makeServer(app: Routes['app'], { headersTimeoutMs, requestTimeoutMs, connections }: HttpServerOptions['limits']): Server {
  const server = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false,
    serverOptions: {
      headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      // How often the two above are looked at.
      connectionsCheckingInterval: Math.min(1000, headersTimeoutMs / 2),
    },
  });
  if (!(server instanceof Server)) throw new Error('an HTTP/1.1 server was asked for');
  server.maxConnections = connections;
  answerConnectionErrors(server);
  return server;
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException): void => {
      const why = cause.code === 'EADDRINUSE' ? 'another program uses this port; choose another with --port' : cause.message;
      reject(new R5Error(`The server cannot listen on ${host}:${port}: ${why}.`, { cause }));
    };
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/** An address that a client on this machine can call. */
function urlOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

/** Answers that were cut off still have to be written out. */
const FLUSH_MS = 1000;

async function close(server: Server, requests: ActiveRequests, graceMs: number): Promise<void> {
  requests.stop();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await within(graceMs, requests.idle());
  requests.cutOff(stoppingError());
  await within(FLUSH_MS, requests.idle());
  const closing = setInterval(() => server.closeIdleConnections(), 20);
  await within(FLUSH_MS, closed);
  clearInterval(closing);
  server.closeAllConnections();
  await closed;
}

/** Waits for `work`, but no longer than this. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}
