/** What the routes of a research server share. */
import type { ActiveRequests } from '../serve/active-requests.ts';
import type { ServeLimits } from '../serve/serve-limits.ts';
import type { Slots } from '../serve/slots.ts';
import type { ResearchMetrics } from './research-metrics.ts';
import type { ResearchService } from './research-service.ts';

export interface ResearchServerLimits extends Pick<ServeLimits, 'bodyBytes' | 'concurrent' | 'queue' | 'headersTimeoutMs' | 'requestTimeoutMs' | 'stallTimeoutMs' | 'connections'> {
  /** A stream on which nothing comes for this long says that it is still there. Default 15 s. */
  aliveMs: number;
}

export interface ResearchServerContext {
  service: ResearchService;
  /** Name by which clients ask for it, as they do for a model. */
  name: string;
  limits: ResearchServerLimits;
  slots: Slots;
  requests: ActiveRequests;
  metrics: ResearchMetrics;
  /** When the server started, in seconds since 1970. */
  startedSeconds: number;
  /** Told of failures that are not the client's. */
  onDefect: (error: unknown) => void;
}
