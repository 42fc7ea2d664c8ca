/** A server of research that OpenAI's clients can call as if it were a model. */
import { ActiveRequests } from '../serve/active-requests.ts';
import { ApiKeys } from '../serve/api-keys.ts';
import { callOf, makeRoutes, type RouteAccess, type Routes } from '../serve/counted-routes.ts';
import { health } from '../serve/health.ts';
import { startHttpServer, type RunningServer } from '../serve/http-server.ts';
import { defaultServeLimits } from '../serve/serve-limits.ts';
import { isLoopback } from '../serve/own-names.ts';
import { checkModelName } from '../serve/served-model.ts';
import { Slots } from '../serve/slots.ts';
import { chatCompletions, RUN_HEADER } from './chat/route.ts';
import { ResearchMetrics } from './research-metrics.ts';
import type { ResearchServerContext, ResearchServerLimits } from './research-server-context.ts';
import type { ResearchService } from './research-service.ts';

export interface ServeResearchOptions {
  service: ResearchService;
  /** Name by which clients ask for it. Default `r5-research`. */
  name?: string;
  /** Default 127.0.0.1: only this machine. */
  host?: string;
  /** Default 0: one that is free. */
  port?: number;
  /** Whoever calls must have one of these. Default: everyone may call. */
  apiKeys?: readonly string[];
  /** Origins whose pages may call from a browser; `*` is every page. Default none. */
  corsOrigins?: readonly string[];
  limits?: Partial<ResearchServerLimits>;
  /** Told of failures that are not the client's. Default: stderr. */
  onDefect?: (error: unknown) => void;
}

/** Runs take minutes and money: few at once, and few that wait. */
export const defaultResearchServerLimits: ResearchServerLimits = { ...defaultServeLimits, concurrent: 4, queue: 16, aliveMs: 15_000 };

/** Resolves when the server listens. Throws R5Error when it cannot. */
export async function serveResearch(options: ServeResearchOptions): Promise<RunningServer> {
  const { host = '127.0.0.1', port, apiKeys = [], corsOrigins = [] } = options;
  const context = makeContext(options);
  const { app } = makeApp(context, { keys: new ApiKeys(apiKeys), corsOrigins, exposedHeaders: [RUN_HEADER], ownNamesOnly: apiKeys.length === 0 && isLoopback(host) });
  return startHttpServer({ app, host, port, limits: context.limits, requests: context.requests, onDefect: context.onDefect });
}

function makeContext({ service, name = 'r5-research', limits: given, onDefect = console.error }: ServeResearchOptions): ResearchServerContext {
  const limits = { ...defaultResearchServerLimits, ...given };
  const slots = new Slots(limits.concurrent, limits.queue);
  return {
    service,
    name,
    limits,
    slots,
    requests: new ActiveRequests(),
    metrics: new ResearchMetrics({ busy: () => slots.busy, waiting: () => slots.waiting }),
    startedSeconds: Math.floor(Date.now() / 1000),
    onDefect,
  };
}

function makeApp(context: ResearchServerContext, access: RouteAccess): Routes {
  const { name, metrics, startedSeconds } = context;
  const routes = makeRoutes(access, { countRequest: (route, status) => metrics.countRequest(route, status), onDefect: context.onDefect });
  const model = { id: name, object: 'model', created: startedSeconds, owned_by: 'r5' };
  routes.add('GET', '/health', () => health(name, context), 'open');
  routes.add('GET', '/metrics', () => metrics.response());
  routes.add('GET', '/v1/models', () => Response.json({ object: 'list', data: [model] }));
  routes.add('GET', '/v1/models/:id{.+}', (c) => {
    checkModelName(c.req.param('id'), { name });
    return Response.json(model);
  });
  routes.add('POST', '/v1/chat/completions', (c) => chatCompletions(callOf(c), context));
  return routes;
}
