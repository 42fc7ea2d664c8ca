/** A server for one model that OpenAI's clients can call. */
import { hashText } from '../random.ts';
import { ActiveRequests } from './active-requests.ts';
import { ApiKeys } from './api-keys.ts';
import type { EpisodeStore } from './episodes/episode-store.ts';
import { startHttpServer, type RunningServer } from './http-server.ts';
import { Metrics } from './metrics.ts';
import { makeApp } from './routes.ts';
import { defaultServeLimits, type ServeLimits } from './serve-limits.ts';
import type { ServedModel } from './served-model.ts';
import type { ServerContext } from './server-context.ts';
import { StoredResponses } from './responses/stored-responses.ts';
import { Slots } from './slots.ts';

export interface ServeOptions {
  model: ServedModel;
  /** Default 127.0.0.1: only this machine. */
  host?: string;
  /** Default 0: one that is free. */
  port?: number;
  /** Whoever calls must have one of these. Default: everyone may call. */
  apiKeys?: readonly string[];
  /** Origins whose pages may call from a browser; `*` is every page. Default none. */
  corsOrigins?: readonly string[];
  limits?: Partial<ServeLimits>;
  /** Records calls that name an episode. It stays open when the server closes: it belongs to the caller. */
  episodes?: EpisodeStore;
  /** Told of failures that are not the client's. Default: stderr. */
  onDefect?: (error: unknown) => void;
}

/** Resolves when the server listens. Throws R5Error when it cannot. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { host, port, apiKeys = [], corsOrigins = [] } = options;
  const context = makeContext(options);
  const { app } = makeApp(context, { keys: new ApiKeys(apiKeys), corsOrigins });
  return startHttpServer({ app, host, port, limits: context.limits, requests: context.requests, onDefect: context.onDefect });
}

function makeContext({ model, limits: given, episodes, onDefect = console.error }: ServeOptions): ServerContext {
  const limits = { ...defaultServeLimits, ...given };
  const slots = new Slots(limits.concurrent, limits.queue);
  return {
    model,
    limits,
    slots,
    requests: new ActiveRequests(),
    metrics: new Metrics({ busy: () => slots.busy, waiting: () => slots.waiting }),
    responses: new StoredResponses(),
    episodes,
    startedSeconds: Math.floor(Date.now() / 1000),
    fingerprint: `r5_${hashText(model.name).toString(16).padStart(8, '0')}`,
    onDefect,
  };
}
