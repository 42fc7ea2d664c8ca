/**
 * Runs a page's JavaScript in Chromium and returns the page as it then stands. The browser itself has no network: every request of the
 * page is answered by the guarded fetch, so what the guard refuses is refused to scripts as well.
 */
import type { Browser, BrowserContext, Page, Route } from 'playwright-core';
import { SourceError } from '../source-error.ts';
import { abortable, sleep } from './abortable.ts';
import { findChromium } from './chromium-path.ts';
import type { FetchedResponse } from './guarded-fetch.ts';
import { launchChromium } from './launch-chromium.ts';
import { WebClient, type WebClientSettings } from './web-client.ts';

export interface RendererSettings extends WebClientSettings {
  /** Path of the browser. Default: one that is found on this machine. */
  chromium?: string;
  /** For one page, scripts and all. Default 30 s. */
  renderTimeoutMs?: number;
}

export interface RenderedPage {
  html: string;
  /** Where scripts have led. */
  finalUrl: string;
}

/** What a page asks for and what text needs; pictures, fonts and media are not loaded. */
const LOADED: readonly string[] = ['document', 'script', 'stylesheet', 'xhr', 'fetch'];

/** Requests that one page may make. */
const MOST_REQUESTS = 200;

/** Headers about the body as it was sent, which is unpacked by now, and those that would be kept for another visit. */
const DROPPED_HEADERS: readonly string[] = ['content-encoding', 'content-length', 'transfer-encoding', 'connection', 'set-cookie', 'alt-svc', 'link', 'report-to', 'nel'];

/** Scripts that load what they show begin within this time of the last request. */
const QUIET_MS = 500;
const LONGEST_QUIET_WAIT_MS = 10_000;

export class PageRenderer {
  readonly #settings: RendererSettings;
  readonly #client: WebClient;
  #browser: Promise<Browser> | undefined;

  constructor(settings: RendererSettings) {
    this.#settings = settings;
    // A page's own parts are asked for as a browser does, at once.
    this.#client = new WebClient({ ...settings, pace: { concurrency: 6, intervalMs: 0 } });
  }

  /** Whether there is a browser. */
  get isAvailable(): boolean {
    return this.#path !== undefined;
  }

  get #path(): string | undefined {
    return this.#settings.chromium ?? findChromium();
  }

  /**
   * Runs the page that was fetched. Throws SourceError: `unavailable` without a browser or when it fails, `timeout`. The browser starts
   * with the first page and ends with `close`.
   */
  async render(response: FetchedResponse, { signal }: { signal: AbortSignal }): Promise<RenderedPage> {
    signal.throwIfAborted();
    const timeoutMs = this.#settings.renderTimeoutMs ?? 30_000;
    const limit = AbortSignal.timeout(timeoutMs);
    const either = AbortSignal.any([signal, limit]);
    let context: BrowserContext | undefined;
    try {
      const browser = await abortable(this.#open(), either);
      context = await browser.newContext({ serviceWorkers: 'block', acceptDownloads: false, permissions: [] });
      return await abortable(this.#visit(context, response, either), either);
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      if (cause instanceof SourceError) throw cause;
      if (limit.aborted) throw new SourceError('timeout', `The scripts of ${response.finalUrl} were not done after ${timeoutMs / 1000} s.`, { cause });
      throw new SourceError('unavailable', `${response.finalUrl} could not be run in the browser (${cause instanceof Error ? cause.message : String(cause)}).`, { cause });
    } finally {
      // What is left of the page's requests ends with it.
      await context?.close();
    }
  }

  async close(): Promise<void> {
    const opened = this.#browser;
    this.#browser = undefined;
    if (opened !== undefined) await (await opened).close();
  }

  async #visit(context: BrowserContext, response: FetchedResponse, signal: AbortSignal): Promise<RenderedPage> {
    let requests = 0;
    await context.routeWebSocket(/.*/, (socket) => socket.close());
    await context.route(/.*/, (route) => this.#answer(route, { response, signal, isOver: ++requests > MOST_REQUESTS }));
    const page = await context.newPage();
    page.on('dialog', (dialog) => void dialog.dismiss());
    page.on('popup', (popup) => void popup.close());
    const untilQuiet = watchRequests(page);
    await page.goto(response.finalUrl, { waitUntil: 'domcontentloaded', timeout: 0 });
    await untilQuiet(signal);
    await page.evaluate(HIDE_WHAT_IS_NOT_SEEN);
    return { html: await page.content(), finalUrl: page.url() };
  }

  async #answer(route: Route, { response, signal, isOver }: { response: FetchedResponse; signal: AbortSignal; isOver: boolean }): Promise<void> {
    const request = route.request();
    if (isOver || request.method() !== 'GET' || !LOADED.includes(request.resourceType())) return route.abort('blockedbyclient');
    const isPage = request.isNavigationRequest() && request.url() === response.finalUrl;
    try {
      const answer = isPage ? response : await this.#client.fetch(request.url(), { signal, accept: request.headers()['accept'] ?? '*/*' });
      const headers = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !DROPPED_HEADERS.includes(name)));
      await route.fulfill({ status: answer.status, headers, body: Buffer.from(answer.body) });
    } catch (cause) {
      // To the page it is a request that failed; the page itself is read as far as it came. After the page's end there is nobody to tell.
      if (!signal.aborted) await route.abort(cause instanceof SourceError && cause.kind === 'blocked' ? 'blockedbyclient' : 'failed').catch(() => {});
    }
  }

  #open(): Promise<Browser> {
    this.#browser ??= launch(this.#path).catch((cause: unknown) => {
      this.#browser = undefined;
      throw cause;
    });
    return this.#browser;
  }
}

async function launch(path: string | undefined): Promise<Browser> {
  if (path === undefined) throw new SourceError('unavailable', 'This page needs a browser to run its scripts, and none was found. Install Chromium.');
  // The second lock: the browser could reach nothing by itself if a request slipped past.
  return launchChromium(path);
}

/** Watches a page's requests; returns a wait until there have been none for a while, or the longest wait is over. */
function watchRequests(page: Page): (signal: AbortSignal) => Promise<void> {
  const pending = new Set<unknown>();
  let lastChange = Date.now();
  page.on('request', (request) => {
    pending.add(request);
    lastChange = Date.now();
  });
  const onEnd = (request: unknown): void => {
    pending.delete(request);
    lastChange = Date.now();
  };
  page.on('requestfinished', onEnd);
  page.on('requestfailed', onEnd);
  return async (signal) => {
    const end = Date.now() + LONGEST_QUIET_WAIT_MS;
    while (Date.now() < end && (pending.size > 0 || Date.now() - lastChange < QUIET_MS)) await sleep(QUIET_MS / 10, signal);
  };
}

/**
 * Runs in the page: marks as hidden what its style sheets hide, so that it is dropped with the rest of the hidden text. A string,
 * because it is the browser's code and not this program's.
 */
const HIDE_WHAT_IS_NOT_SEEN = `(() => {
  const paper = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== 'none') return '';
      if (!/^(transparent|rgba\\(.*, 0\\))$/.test(style.backgroundColor)) return style.backgroundColor;
    }
    return 'rgb(255, 255, 255)';
  };
  const shown = document.body.innerText.length;
  const hidden = [];
  for (const element of document.body.querySelectorAll('*')) {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const isOutside = box.width > 0 && (box.right + scrollX < -50 || box.bottom + scrollY < -50);
    const hasOwnText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
    const isUnseen = style.display === 'none' || style.visibility !== 'visible' || Number(style.opacity) < 0.05 || isOutside;
    const isUnreadable = hasOwnText && (parseFloat(style.fontSize) <= 2 || style.color === paper(element) || /^rgba\\(.*, 0\\)$/.test(style.color));
    if ((isUnseen || isUnreadable) && (element.innerText ?? '').length * 2 < shown) hidden.push(element);
  }
  for (const element of hidden) element.setAttribute('hidden', '');
})()`;
