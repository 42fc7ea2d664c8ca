/** Which address does what. Every answer is counted, and every failure has the form that OpenAI's clients read. */
import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { cors } from 'hono/cors';
import { ApiError, asApiError } from './api-error.ts';
import type { ApiKeys } from './api-keys.ts';
import { chatCompletions } from './chat/route.ts';
import { completions } from './completions/route.ts';
import type { HttpCall } from './http-call.ts';
import { embeddingsRefusal, modelList, oneModel } from './models.ts';
import { createResponse, getResponse } from './responses/route.ts';
import type { ServerContext } from './server-context.ts';

type Connected = { Bindings: HttpBindings };
type Handler = (context: Context<Connected>) => Response | Promise<Response>;

export interface RouteOptions {
  keys: ApiKeys;
  /** Pages of these origins may call the server from a browser; `*` is every page. None: none. */
  corsOrigins: readonly string[];
}

export function makeApp(context: ServerContext, { keys, corsOrigins }: RouteOptions): Hono<Connected> {
  const app = new Hono<Connected>();
  if (corsOrigins.length > 0) app.use('*', cors({ origin: corsOrigins.includes('*') ? '*' : [...corsOrigins] }));
  const counted = (route: string, handler: Handler): Handler => async (c) => {
    const response = await answer(c, handler, context);
    context.metrics.countRequest(route, response.status);
    return response;
  };
  const add = (method: 'GET' | 'POST', path: string, handler: Handler, access: 'key' | 'open' = 'key'): void => {
    const guarded: Handler = (c) => {
      if (access === 'key') keys.check(c.req.header('authorization'));
      return handler(c);
    };
    app.on(method, path, counted(path, guarded));
    app.all(path, counted(path, (c) => {
      throw new ApiError(405, `${c.req.method} is not how ${path} is called; use ${method}.`, { code: 'method_not_allowed', headers: { allow: method } });
    }));
  };
  add('GET', '/health', () => health(context), 'open');
  add('GET', '/metrics', () => context.metrics.response());
  add('GET', '/v1/models', () => modelList(context));
  add('GET', '/v1/models/:id{.+}', (c) => oneModel(c.req.param('id') ?? '', context));
  add('POST', '/v1/chat/completions', (c) => chatCompletions(callOf(c), context));
  add('POST', '/v1/completions', (c) => completions(callOf(c), context));
  add('POST', '/v1/responses', (c) => createResponse(callOf(c), context));
  add('GET', '/v1/responses/:id', (c) => getResponse(c.req.param('id') ?? '', context));
  add('POST', '/v1/embeddings', () => {
    throw embeddingsRefusal(context);
  });
  app.notFound(counted('unknown', (c) => {
    throw new ApiError(404, `Unknown request URL: ${c.req.method} ${c.req.path.slice(0, 200)}.`, { code: 'unknown_url' });
  }));
  return app;
}

const callOf = (c: Context<Connected>): HttpCall => ({ request: c.req.raw, hangUp: () => void c.env.outgoing.destroy() });

async function answer(c: Context<Connected>, handler: Handler, { onDefect }: ServerContext): Promise<Response> {
  try {
    return await handler(c);
  } catch (error) {
    const shown = asApiError(error);
    if (shown.status === 500) onDefect(error);
    return shown.response();
  }
}

/** For whoever starts, stops and balances servers. */
function health({ requests, model, slots }: ServerContext): Response {
  const status = requests.stopping ? 'stopping' : 'ok';
  return Response.json({ status, model: model.name, busy: slots.busy, waiting: slots.waiting }, { status: requests.stopping ? 503 : 200 });
}
