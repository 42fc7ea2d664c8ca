/** What the routes of one server share. */
import type { ActiveRequest, ActiveRequests } from './active-requests.ts';
import { stoppingError } from './api-error.ts';
import type { EpisodeStore } from './episodes/episode-store.ts';
import type { Metrics } from './metrics.ts';
import type { ServeLimits } from './serve-limits.ts';
import type { ServedModel } from './served-model.ts';
import type { StoredResponses } from './responses/stored-responses.ts';
import type { Slots } from './slots.ts';

export interface ServerContext {
  model: ServedModel;
  limits: ServeLimits;
  slots: Slots;
  requests: ActiveRequests;
  metrics: Metrics;
  /** Those of the Responses API that a later request may go on from. */
  responses: StoredResponses;
  /** Where calls are recorded that name an episode. */
  episodes: EpisodeStore | undefined;
  /** When the server started, in seconds since 1970. */
  startedSeconds: number;
  /** Names what answers depend on besides the request: model and version of r5. */
  fingerprint: string;
  /** Told of failures that are not the client's. */
  onDefect: (error: unknown) => void;
}

/** Takes a request in that will generate `count` answers. Throws ApiError when there is no room or the server is stopping. */
export function beginGenerating({ requests, slots }: Pick<ServerContext, 'requests' | 'slots'>, client: AbortSignal, count: number): ActiveRequest {
  if (requests.stopping) throw stoppingError();
  slots.checkRoom(count);
  return requests.begin(client);
}
