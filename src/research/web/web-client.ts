/** Fetches pages as a good guest: through the guard, as robots.txt allows, at the host's pace, and from the cache where that will do. */
import { SourceError } from '../source-error.ts';
import { sleep } from './abortable.ts';
import { conditionalHeaders, isFresh } from './cache-control.ts';
import { type FetchedResponse, type FetchGuard, guardedFetch, type HopRequest, requestGuarded } from './guarded-fetch.ts';
import { requireAllowedAddresses } from './host-resolution.ts';
import { HostPace, type PaceSettings } from './host-pace.ts';
import type { HttpResponse } from './http-request.ts';
import { type CachedResponse, PageCache } from './page-cache.ts';
import { requireSuccess, retryAfterOf } from './response-status.ts';
import { RobotsRules } from './robots-rules.ts';

export interface WebClientSettings extends FetchGuard {
  /** Folder for answers. Default: none are kept. */
  cacheFolder?: string;
  /** False for a site of your own that you read in full. Default true. */
  honoursRobots?: boolean;
  pace?: PaceSettings;
  /** Further tries of a request that was put off or failed on the way. Default 2. */
  retries?: number;
  /** The longest wait before another try; a host that asks for more gets none. Default 30 s. */
  longestWaitMs?: number;
  /** Wait before the first further try, where the host names none; it doubles. Default 1 s. */
  firstWaitMs?: number;
}

const ACCEPTED = 'text/html,application/xhtml+xml,application/pdf,text/plain,text/markdown,application/json;q=0.9,application/xml;q=0.9,*/*;q=0.5';

/** Statuses after which the same request may succeed later. */
const PASSING: readonly number[] = [429, 502, 503, 504];

const ROBOTS_BYTES = 2 * 1024 * 1024;

export class WebClient {
  readonly settings: WebClientSettings;
  readonly #pace: HostPace;
  readonly #robots: RobotsRules;
  readonly #cache: PageCache | undefined;

  constructor(settings: WebClientSettings = {}) {
    this.settings = settings;
    this.#pace = new HostPace(settings.pace);
    if (settings.cacheFolder !== undefined) this.#cache = new PageCache(settings.cacheFolder);
    const limits = { ...settings.limits, maxBytes: ROBOTS_BYTES, maxRedirects: 5 };
    this.#robots = new RobotsRules((url, signal) =>
      guardedFetch(url, { ...settings, limits, signal, hop: (request) => this.#paced(request, { ...settings, limits }) }),
    );
  }

  /**
   * The page at an address of the public internet, redirects followed. Throws SourceError for everything that is no success: what the
   * guard refuses (`blocked`), what robots.txt forbids (`refused`), and every status but 2xx.
   */
  async fetch(address: string | URL, options: { signal: AbortSignal; accept?: string }): Promise<FetchedResponse> {
    const response = await guardedFetch(address, {
      ...this.settings,
      signal: options.signal,
      headers: { accept: options.accept ?? ACCEPTED, 'accept-language': 'en,*;q=0.5' },
      hop: (request) => this.#hop(request),
    });
    requireSuccess(response);
    return response;
  }

  async #hop(request: HopRequest): Promise<HttpResponse> {
    if (this.settings.honoursRobots !== false) {
      const crawlDelayMs = await this.#robots.requireAllowed(request.url, request.signal);
      if (crawlDelayMs > 0) this.#pace.slowDown(request.url.host, crawlDelayMs);
    }
    const cached = await this.#findCached(request.url);
    if (cached !== undefined && isFresh(cached.headers, { storedAt: cached.storedAt, now: Date.now() })) return cached;
    const conditions = cached === undefined ? undefined : conditionalHeaders(cached.headers);
    const response = await this.#paced({ ...request, headers: { ...request.headers, ...conditions } }, this.settings);
    if (response.status === 304 && cached !== undefined) {
      // The age is that of the answer which has come now; the type stays that of the body.
      const kept = { 'content-type': cached.headers['content-type'] ?? '', age: response.headers['age'] ?? '0' };
      const renewed = { ...cached, headers: { ...cached.headers, ...response.headers, ...kept } };
      await this.#cache?.store(request.url, renewed);
      return renewed;
    }
    await this.#cache?.store(request.url, response);
    return response;
  }

  /** A kept answer came from an address that the guard let through then; it must be one that it lets through now. */
  async #findCached(url: URL): Promise<CachedResponse | undefined> {
    const cached = await this.#cache?.find(url);
    if (cached !== undefined) requireAllowedAddresses(url, [cached.address], this.settings.allowPrivate);
    return cached;
  }

  /** One request at the host's pace, tried again when it is put off or fails on the way. */
  async #paced(request: HopRequest, guard: FetchGuard): Promise<HttpResponse> {
    const { host } = request.url;
    for (let tries = 0; ; tries++) {
      const isLast = tries === (this.settings.retries ?? 2);
      const outcome = await this.#pace.run(host, () => this.#attempt(request, guard), request.signal);
      if (!(outcome instanceof SourceError) && !PASSING.includes(outcome.status)) return outcome;
      const asked = outcome instanceof SourceError ? undefined : retryAfterOf(outcome.headers);
      const waitMs = asked ?? (this.settings.firstWaitMs ?? 1000) * 2 ** tries * (0.75 + Math.random() / 2);
      // The whole host waits, not only this request.
      if (asked !== undefined) this.#pace.pause(host, Math.min(asked, this.settings.longestWaitMs ?? 30_000));
      if (isLast || waitMs > (this.settings.longestWaitMs ?? 30_000)) {
        if (outcome instanceof SourceError) throw outcome;
        return outcome;
      }
      await sleep(waitMs, request.signal);
    }
  }

  /** A connection that failed is an outcome that may pass; other errors are thrown. */
  async #attempt(request: HopRequest, guard: FetchGuard): Promise<HttpResponse | SourceError> {
    try {
      return await requestGuarded(request, guard);
    } catch (cause) {
      if (cause instanceof SourceError && cause.kind === 'unavailable') return cause;
      throw cause;
    }
  }
}
