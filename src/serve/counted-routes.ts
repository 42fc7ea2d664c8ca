/** Routes of a server: every answer is counted, and every failure has the form that OpenAI's clients read. */
import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { cors } from 'hono/cors';
import { ApiError, asApiError } from './api-error.ts';
import type { ApiKeys } from './api-keys.ts';
import type { HttpCall } from './http-call.ts';
import { checkOwnName } from './own-names.ts';

type Connected = { Bindings: HttpBindings };
export type Handler = (context: Context<Connected>) => Response | Promise<Response>;

/** `open` needs no key. */
export type AddRoute = (method: 'GET' | 'POST', path: string, handler: Handler, access?: 'key' | 'open') => void;

export interface Routes {
  app: Hono<Connected>;
  add: AddRoute;
}

export interface RouteAccess {
  keys: ApiKeys;
  /** Pages of these origins may call the server from a browser; `*` is every page. None: none. */
  corsOrigins: readonly string[];
  /** Calls by other names than this machine's own are refused. */
  ownNamesOnly?: boolean;
  /** Headers of answers that such pages may read. */
  exposedHeaders?: readonly string[];
}

export interface RouteWatch {
  countRequest: (route: string, status: number) => void;
  /** Told of failures that are not the client's. */
  onDefect: (error: unknown) => void;
}

/** No routes yet; an address that is not added is unknown, and says so. */
export function makeRoutes({ keys, corsOrigins, ownNamesOnly = false, exposedHeaders = [] }: RouteAccess, { countRequest, onDefect }: RouteWatch): Routes {
  const app = new Hono<Connected>();
  if (corsOrigins.length > 0) app.use('*', cors({ origin: corsOrigins.includes('*') ? '*' : [...corsOrigins], exposeHeaders: [...exposedHeaders] }));
  const counted = (route: string, handler: Handler): Handler => async (c) => {
    const response = await answer(c, handler, onDefect);
    countRequest(route, response.status);
    return response;
  };
  const add: AddRoute = (method, path, handler, access = 'key') => {
    const guarded: Handler = (c) => {
      if (access === 'key' && ownNamesOnly) checkOwnName(c.req.header('host'));
      if (access === 'key') keys.check(c.req.header('authorization'));
      return handler(c);
    };
    app.on(method, path, counted(path, guarded));
    app.all(path, counted(path, (c) => {
      throw new ApiError(405, `${c.req.method} is not how ${path} is called; use ${method}.`, { code: 'method_not_allowed', headers: { allow: method } });
    }));
  };
  app.notFound(counted('unknown', (c) => {
    throw new ApiError(404, `Unknown request URL: ${c.req.method} ${c.req.path.slice(0, 200)}.`, { code: 'unknown_url' });
  }));
  return { app, add };
}

export const callOf = (c: Context<Connected>): HttpCall => ({
  request: c.req.raw,
  hangUp: () => void c.env.outgoing.destroy(),
  episode: c.req.param('episode') ?? c.req.header('x-r5-episode'),
});

async function answer(c: Context<Connected>, handler: Handler, onDefect: RouteWatch['onDefect']): Promise<Response> {
  try {
    return await handler(c);
  } catch (error) {
    const shown = asApiError(error);
    if (shown.status === 500) onDefect(error);
    return shown.response();
  }
}
