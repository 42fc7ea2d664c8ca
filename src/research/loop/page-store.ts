/** Pages by address: each is fetched once a run, whoever wants it, and kept as a snapshot. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { R5Error } from '../../error.ts';
import { makeSnapshot } from '../evidence/snapshot-store.ts';
import type { SearchHit } from '../search-source.ts';
import type { Snapshot } from '../snapshot.ts';
import { SourceError } from '../source-error.ts';
import { canonicalUrl } from '../sources/canonical-url.ts';
import type { ResearchContext } from './research-context.ts';
import { retryDefaults, withRetries } from './retries.ts';

const fetchedSchema = z.object({ snapshot: z.string() });

const WORTH_RETRYING: readonly SourceError['kind'][] = ['rate-limited', 'unavailable'];

export class PageStore {
  readonly #context: ResearchContext;
  readonly #pages = new Map<string, Promise<Snapshot>>();

  constructor(context: ResearchContext) {
    this.#context = context;
  }

  /** Throws SourceError when it cannot be read or was not found by a search, and BudgetError. */
  read(hit: SearchHit): Promise<Snapshot> {
    const key = canonicalUrl(hit.url);
    const known = this.#pages.get(key);
    if (known !== undefined) return known;
    const page = this.#read(hit, key);
    this.#pages.set(key, page);
    return page;
  }

  async #read(hit: SearchHit, key: string): Promise<Snapshot> {
    const { journal, snapshots, addresses, budget } = this.#context;
    if (!addresses.mayRead(hit.url)) throw new SourceError('refused', `${hit.url} was neither found by a search nor given by the user.`);
    const { snapshot: id } = await journal.perform({
      kind: 'fetch',
      input: { url: hit.url },
      // Which of a page's addresses comes first may depend on which search was quicker.
      identity: { page: key },
      parse: (result) => fetchedSchema.parse(result),
      run: ({ retrying }) => budget.within({}, async () => ({ snapshot: snapshots.keep(await this.#fetch(hit, retrying)).id })),
    });
    const snapshot = snapshots.get(id);
    if (snapshot === undefined) throw new R5Error(`the snapshot ${id} of ${hit.url} is missing from ${snapshots.folder}. Put it back, or fork the run before it was read.`);
    return snapshot;
  }

  #fetch(hit: SearchHit, onRetry: (error: unknown, attempt: number, waitMs: number) => void): Promise<Omit<Snapshot, 'id'>> {
    const { signal, readPage, firstRetryMs, sources } = this.#context;
    const source = sources.find(({ name }) => name === hit.source);
    if (hit.text !== undefined && hit.text.trim() !== '') return Promise.resolve(hitSnapshot(hit, hit.text));
    return withRetries(async () => (await source?.read?.(hit, { signal })) ?? readPage(hit, { signal }), {
      ...retryDefaults,
      attempts: 2,
      firstMs: firstRetryMs ?? retryDefaults.firstMs,
      // One page is not worth minutes; there are others.
      patienceMs: 30_000,
      signal,
      isWorthIt: (error) => (error instanceof SourceError && WORTH_RETRYING.includes(error.kind) ? error : undefined),
      onRetry,
    });
  }
}

/** The text that the source itself gave, as what was read. */
export function hitSnapshot({ url, title, publishedAt, origin }: SearchHit, text: string): Snapshot {
  return makeSnapshot({
    url,
    finalUrl: url,
    title,
    text,
    passages: [],
    retrievedAt: new Date().toISOString(),
    contentHash: hashOf(text),
    mediaType: 'text/plain',
    origin,
    ...(publishedAt === undefined ? {} : { publishedAt }),
  });
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
