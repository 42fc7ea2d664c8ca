/** Anything that finds documents for a query: a web search, an encyclopaedia, a folder on this machine, an MCP server. */
import type { Origin } from './readable-document.ts';
import type { Snapshot } from './snapshot.ts';

/** Hits that are wanted where a query does not say. */
export const DEFAULT_COUNT = 10;

export interface SearchQuery {
  query: string;
  /** Wanted hits. Default 10. */
  count?: number;
  /** Only from these domains; or not from these. */
  includeDomains?: readonly string[];
  excludeDomains?: readonly string[];
  /** ISO 8601 dates. */
  publishedAfter?: string;
  publishedBefore?: string;
  category?: 'general' | 'news' | 'papers' | 'code';
  /** BCP 47. */
  language?: string;
}

export interface SearchHit {
  url: string;
  title: string;
  /** A few sentences, as the source gives them. */
  snippet: string;
  publishedAt?: string;
  /** The whole text, where the source gives it, so that nothing need be fetched. */
  text?: string;
  authors?: readonly string[];
  /** Name of the source. */
  source: string;
  origin: Origin;
}

export interface SearchResult {
  hits: readonly SearchHit[];
  /** What the query cost, in US dollars, where the source says or charges by the query. */
  cost?: number;
}

/** A document that a source holds itself. */
export type SourceDocument = Omit<Snapshot, 'id'>;

export interface SearchSource {
  /** As typed on the command line. */
  readonly name: string;
  /** Every hit carries its whole text, so that there is nothing more to read. */
  readonly holdsTexts?: boolean;
  /** Throws SourceError: an empty list means that there is nothing, never that it failed. */
  search(query: SearchQuery, options: { signal: AbortSignal }): Promise<SearchResult>;
  /**
   * The document of one of its hits, where the source holds it itself, so that nothing need be fetched; undefined for any other address.
   * Throws SourceError.
   */
  read?(hit: Pick<SearchHit, 'url'>, options: { signal: AbortSignal }): Promise<SourceDocument | undefined>;
  /** Ends what it holds: a connection, a process, a file. */
  close?(): Promise<void>;
}
