/** Which address does what. Every answer is counted, and every failure has the form that OpenAI's clients read. */
import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { cors } from 'hono/cors';
import { ApiError, asApiError } from './api-error.ts';
import type { ApiKeys } from './api-keys.ts';
import { chatCompletions } from './chat/route.ts';
import { completions } from './completions/route.ts';
import { beginEpisode, loseEpisode, rewardEpisode, showEpisode } from './episodes/routes.ts';
import type { HttpCall } from './http-call.ts';
import { embeddingsRefusal, modelList, oneModel } from './models.ts';
import { createResponse, getResponse } from './responses/route.ts';
import type { ServerContext } from './server-context.ts';

type Connected = { Bindings: HttpBindings };
type Handler = (context: Context<Connected>) => Response | Promise<Response>;

type AddRoute = (method: 'GET' | 'POST', path: string, handler: Handler, access?: 'key' | 'open') => void;

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
  const add: AddRoute = (method, path, handler, access = 'key') => {
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
  for (const base of ['/v1', '/episodes/:episode/v1']) addModelRoutes(base, add, context);
  add('POST', '/episodes', (c) => beginEpisode(c.req.raw, context));
  add('GET', '/episodes/:episode', (c) => showEpisode(c.req.param('episode') ?? '', context));
  add('POST', '/episodes/:episode/reward', (c) => rewardEpisode(c.req.param('episode') ?? '', c.req.raw, context));
  add('POST', '/episodes/:episode/lost', (c) => loseEpisode(c.req.param('episode') ?? '', c.req.raw, context));
  app.notFound(counted('unknown', (c) => {
    throw new ApiError(404, `Unknown request URL: ${c.req.method} ${c.req.path.slice(0, 200)}.`, { code: 'unknown_url' });
  }));
  return app;
}

/** OpenAI's own addresses; below an episode's address the same, recorded. */
function addModelRoutes(base: string, add: AddRoute, context: ServerContext): void {
  add('GET', `${base}/models`, () => modelList(context));
  add('GET', `${base}/models/:id{.+}`, (c) => oneModel(c.req.param('id') ?? '', context));
  add('POST', `${base}/chat/completions`, (c) => chatCompletions(callOf(c), context));
  add('POST', `${base}/completions`, (c) => completions(callOf(c), context));
  add('POST', `${base}/responses`, (c) => createResponse(callOf(c), context));
  add('GET', `${base}/responses/:id`, (c) => getResponse(c.req.param('id') ?? '', context));
  add('POST', `${base}/embeddings`, () => {
    throw embeddingsRefusal(context);
  });
}

const callOf = (c: Context<Connected>): HttpCall => ({
  request: c.req.raw,
  hangUp: () => void c.env.outgoing.destroy(),
  episode: c.req.param('episode') ?? c.req.header('x-r5-episode'),
});

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
