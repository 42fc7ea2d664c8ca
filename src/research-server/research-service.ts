/** Research as a service: requests become runs, new ones or such as are gone on with, within the limits of whoever started the server. */
import { join } from 'node:path';
import { R5Error } from '../error.ts';
import type { JsonObject } from '../run/json.ts';
import type { SourceDocument } from '../research/search-source.ts';
import { SourceError } from '../research/source-error.ts';
import { searchTogether, type TogetherResult } from '../research/sources/search-together.ts';
import type { SearchQuery } from '../research/search-source.ts';
import type { DepthName } from '../research/loop/depth.ts';
import type { NumberedEvent } from '../research/loop/journal-event.ts';
import { hitSnapshot } from '../research/loop/page-store.ts';
import type { HitReader } from '../research/loop/research-context.ts';
import type { ResearchResult } from '../research/loop/research-result.ts';
import { research, resumeResearch, type NewResearch, type ResearchOptions } from '../research/loop/research.ts';
import { readResearchRun, researchRunNames, type ResearchRun } from '../research/loop/run-folder.ts';
import { webReader } from '../research/loop/web-reader.ts';
import { PageReader } from '../research/web/read-page.ts';

export interface ResearchServiceOptions extends Omit<ResearchOptions, 'signal' | 'onEvent' | 'clarify' | 'approvePlan'>, Pick<NewResearch, 'depth' | 'loop' | 'parallel' | 'pageCharacters' | 'unsupported' | 'directory'> {
  /** What is kept with a new run for whoever goes on with it. */
  settings?: ((chosen: { depth: DepthName; money: number | undefined }) => JsonObject) | undefined;
}

export interface ResearchRequest {
  question: string;
  /** What the user had said before, oldest first. */
  earlier?: readonly string[];
  depth?: DepthName | undefined;
  /** US dollars; the server's own limit stays. */
  money?: number | undefined;
  /** Id of a run of the same question, to go on with it. */
  run?: string | undefined;
  onEvent: (event: NumberedEvent) => void;
  signal: AbortSignal;
}

/** So many documents stay at hand, so that the parts of a long one are parts of the same. */
const MOST_DOCUMENTS = 16;
const MOST_GIVEN = 200;

export class ResearchService {
  readonly #options: ResearchServiceOptions;
  readonly #directory: string;
  readonly #readPage: HitReader;
  readonly #pages: PageReader | undefined;
  readonly #documents = new Map<string, SourceDocument>();
  /** Texts that sources gave with their hits, some of which can be had in no other way. */
  readonly #given = new Map<string, SourceDocument>();
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: ResearchServiceOptions) {
    if (options.sources.length === 0) throw new R5Error('There is no source to search. Name one by --sources.');
    this.#options = options;
    this.#directory = options.directory ?? 'research';
    this.#pages = options.readPage === undefined ? new PageReader({ allowPrivate: options.allowPrivate ?? [] }) : undefined;
    this.#readPage = options.readPage ?? webReader(this.#pages);
  }

  get sourceNames(): string[] {
    return this.#options.sources.map(({ name }) => name);
  }

  /** Throws like `research`, and R5Error for a run that is not there or answers something else. */
  async run(request: ResearchRequest): Promise<ResearchResult> {
    const run = this.#run(request);
    this.#running.add(run);
    try {
      return await run;
    } finally {
      this.#running.delete(run);
    }
  }

  async #run({ question, earlier = [], depth = this.#options.depth ?? 'normal', money, run, onEvent, signal }: ResearchRequest): Promise<ResearchResult> {
    const { settings, loop, parallel, pageCharacters, unsupported, ...given } = this.#options;
    const budget = { ...given.budget, money: least(given.budget?.money, money) };
    const options = { ...given, readPage: this.#readPage, budget, onEvent, signal };
    if (run !== undefined) return resumeResearch(this.#find(run, question), options);
    const kept = settings?.({ depth, money: budget.money }) ?? {};
    return research({ ...options, question, earlier, depth, loop, parallel, pageCharacters, unsupported, directory: this.#directory, settings: kept });
  }

  async search(query: SearchQuery, signal: AbortSignal): Promise<TogetherResult> {
    const result = await searchTogether(this.#options.sources, query, { signal });
    for (const hit of result.hits) if (hit.text?.trim()) keepLatest(this.#given, hit.url, hitSnapshot(hit, hit.text), MOST_GIVEN);
    return result;
  }

  /** A document of one of the sources, also what a search came with, or a page of the web; `again`: as it was when it was read last, where it is still at hand. Throws SourceError. */
  async read(url: string, { signal, again }: { signal: AbortSignal; again: boolean }): Promise<SourceDocument> {
    const known = again ? this.#documents.get(url) : undefined;
    if (known !== undefined) return known;
    const document = this.#given.get(url) ?? (await this.#fromSources(url, signal)) ?? (await this.#fromWeb(url, signal));
    keepLatest(this.#documents, url, document, MOST_DOCUMENTS);
    return document;
  }

  /** Waits for the runs under way, which whoever asked for them ends, and ends what reading has opened. Models and sources belong to the caller. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#running);
    await this.#pages?.close();
  }

  async #fromSources(url: string, signal: AbortSignal): Promise<SourceDocument | undefined> {
    for (const source of this.#options.sources) {
      const document = await source.read?.({ url }, { signal });
      if (document !== undefined) return document;
    }
    return undefined;
  }

  #fromWeb(url: string, signal: AbortSignal): Promise<SourceDocument> {
    if (!/^https?:\/\//i.test(url)) throw new SourceError('refused', `${url.slice(0, 200)} is no address of the web, and no document of ${this.sourceNames.join(', ')}. Search first, and read what was found.`);
    return this.#readPage({ url, title: url, snippet: '', source: 'user', origin: 'web' }, { signal });
  }

  /** By its id and in this server's folder alone: whoever asks is not to find out about other folders. */
  #find(id: string, question: string): ResearchRun {
    const name = researchRunNames(this.#directory).find((one) => /^[0-9a-f]+$/.test(id) && one.endsWith(`-${id}`));
    const run = name === undefined ? undefined : readResearchRun(join(this.#directory, name));
    if (run?.id !== id || run.question !== question.trim()) throw new R5Error(`There is no run '${id.slice(0, 40)}' of this question. Ask with the same words, or without a run.`);
    return run;
  }
}

/** Sets it as the latest, and lets the oldest go where there are too many. */
function keepLatest<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}

const least = (own: number | undefined, asked: number | undefined): number | undefined => (own === undefined || asked === undefined ? (asked ?? own) : Math.min(own, asked));
