/** Which address does what. */
import { chatCompletions } from './chat/route.ts';
import { completions } from './completions/route.ts';
import { callOf, makeRoutes, type AddRoute, type RouteAccess, type Routes } from './counted-routes.ts';
import { beginEpisode, loseEpisode, rewardEpisode, showEpisode } from './episodes/routes.ts';
import { health } from './health.ts';
import { embeddingsRefusal, modelList, oneModel } from './models.ts';
import { createResponse, getResponse } from './responses/route.ts';
import type { ServerContext } from './server-context.ts';

export function makeApp(context: ServerContext, access: RouteAccess): Routes {
  const routes = makeRoutes(access, { countRequest: (route, status) => context.metrics.countRequest(route, status), onDefect: context.onDefect });
  const { add } = routes;
  add('GET', '/health', () => health(context.model.name, context), 'open');
  add('GET', '/metrics', () => context.metrics.response());
  for (const base of ['/v1', '/episodes/:episode/v1']) addModelRoutes(base, add, context);
  add('POST', '/episodes', (c) => beginEpisode(c.req.raw, context));
  add('GET', '/episodes/:episode', (c) => showEpisode(c.req.param('episode') ?? '', context));
  add('POST', '/episodes/:episode/reward', (c) => rewardEpisode(c.req.param('episode') ?? '', c.req.raw, context));
  add('POST', '/episodes/:episode/lost', (c) => loseEpisode(c.req.param('episode') ?? '', c.req.raw, context));
  return routes;
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
