/** Reads an address of the web into a snapshot: fetched through the guard, judged by its bytes, its scripts run where it is empty without. */
import { createHash } from 'node:crypto';
import { makeSnapshot } from '../evidence/snapshot-store.ts';
import type { ReadableDocument } from '../readable-document.ts';
import type { Snapshot } from '../snapshot.ts';
import { SourceError } from '../source-error.ts';
import type { FetchedResponse } from './guarded-fetch.ts';
import type { ReadableType } from './media-type.ts';
import { PageRenderer, type RendererSettings } from './page-renderer.ts';
import { type ReadingLimits, ReadingThreads } from './reading-threads.ts';
import { WebClient } from './web-client.ts';

/** Whether a page's scripts are run: where it shows next to nothing without them, always, or never. */
export type JavaScriptUse = 'if-empty' | 'always' | 'never';

export interface ReadPageOptions {
  signal: AbortSignal;
  /** Default `if-empty`. */
  javaScript?: JavaScriptUse;
}

export interface PageReaderSettings extends RendererSettings {
  /** What taking one document apart may cost. */
  reading?: ReadingLimits;
}

/** A page with less text than this, and with scripts, shows what it has only when they have run. */
const EMPTY_CHARACTERS = 250;

/** Reads pages; keeps what belongs to several of them: the pace with each host, robots.txt, the cache, the browser. */
export class PageReader {
  readonly client: WebClient;
  readonly #renderer: PageRenderer;
  readonly #threads: ReadingThreads;

  constructor(settings: PageReaderSettings = {}) {
    this.client = new WebClient(settings);
    this.#renderer = new PageRenderer(settings);
    this.#threads = new ReadingThreads(settings.reading);
  }

  /**
   * Throws SourceError with the reason in its kind: the guard (`blocked`), robots.txt or the server (`refused`, `auth`, `not-found`,
   * `rate-limited`, ...), limits (`timeout`, `too-large`), or a format that is not read (`unreadable`).
   */
  async read(address: string | URL, { signal, javaScript = 'if-empty' }: ReadPageOptions): Promise<Snapshot> {
    const response = await this.client.fetch(address, { signal });
    const read = await this.#readResponse(response, { signal, javaScript });
    return makeSnapshot({
      ...read.document,
      url: response.url,
      finalUrl: read.finalUrl,
      retrievedAt: new Date().toISOString(),
      contentHash: createHash('sha256').update(response.body).digest('hex'),
      mediaType: read.mediaType,
      origin: 'web',
    });
  }

  /** Ends the browser and the threads, if any were started. */
  async close(): Promise<void> {
    await Promise.all([this.#renderer.close(), this.#threads.close()]);
  }

  async #readResponse(response: FetchedResponse, options: Required<ReadPageOptions>): Promise<{ document: ReadableDocument; mediaType: ReadableType; finalUrl: string }> {
    const { signal, javaScript } = options;
    const { finalUrl } = response;
    const plain = await settle(this.#threads.read({ bytes: response.body, url: finalUrl, contentType: response.headers['content-type'] ?? '' }, { signal }));
    const isPage = plain instanceof SourceError ? plain.kind === 'unreadable' && hasScripts(response) : plain.mediaType === 'text/html';
    const isEmpty = plain instanceof SourceError || (plain.document.text.length < EMPTY_CHARACTERS && hasScripts(response));
    if (isPage && (javaScript === 'always' || (javaScript === 'if-empty' && isEmpty && this.#renderer.isAvailable))) {
      const rendered = await this.#renderer.render(response, { signal });
      const read = await this.#threads.read({ bytes: Buffer.from(rendered.html), url: rendered.finalUrl, contentType: 'text/html; charset=utf-8' }, { signal });
      return { ...read, finalUrl: rendered.finalUrl };
    }
    if (!(plain instanceof SourceError)) return { ...plain, finalUrl };
    if (!isPage || javaScript === 'never') throw plain;
    throw new SourceError('unreadable', `${finalUrl} shows nothing until its scripts have run, which takes a browser. Install Chromium.`, { cause: plain });
  }
}

/** Reads one page with a reader of its own. To read several, make a PageReader: it keeps its pace with their hosts. */
export async function readPage(address: string | URL, options: PageReaderSettings & ReadPageOptions): Promise<Snapshot> {
  const reader = new PageReader(options);
  try {
    return await reader.read(address, options);
  } finally {
    await reader.close();
  }
}

/** Whether a body is a page with scripts, by its beginning. */
function hasScripts({ body }: FetchedResponse): boolean {
  const start = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, 500_000)).toString('latin1');
  return /^(?:\xef\xbb\xbf)?\s*</.test(start) && /<script[\s>]/i.test(start);
}

/** The outcome, a SourceError as a value. */
async function settle<T>(work: Promise<T>): Promise<T | SourceError> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof SourceError) return cause;
    throw cause;
  }
}
