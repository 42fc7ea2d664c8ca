/** What the adapters of search services share. */
import type { z } from 'zod';
import { DEFAULT_COUNT, type SearchHit, type SearchQuery, type SearchResult } from '../search-source.ts';
import { SourceError } from '../source-error.ts';
import { parseHtml } from '../web/dom.ts';
import { HostPace } from '../web/host-pace.ts';
import { toLine } from '../web/visible-text.ts';
import { requestJson, requestText, type SourceRequest } from './source-http.ts';
import { isTelling, wordsOf } from '../documents/words.ts';

export interface ServiceSettings {
  key?: string | undefined;
  /** Asked in place of the service's own address; it may lie on this machine, since the user has named it. */
  baseUrl?: string | undefined;
}

export interface ServiceDescription {
  /** As typed on the command line. */
  name: string;
  /** As people know it. */
  title: string;
  baseUrl: string;
  keyVariable?: string;
  /** Where a key is to be had. */
  keyAddress?: string;
  /** Milliseconds that it wants between two requests, of which it then gets one at a time. */
  gapMs?: number;
  explain?: NonNullable<SourceRequest['explain']>;
}

export type ServiceRequest = Pick<SourceRequest, 'method' | 'headers' | 'body'> & { path: string; parameters?: Readonly<Record<string, string | number | undefined>> };

/** One service, asked with its key. */
export class Service {
  readonly #description: ServiceDescription;
  readonly #baseUrl: string;
  readonly #allowPrivate: readonly string[];
  readonly #secrets: readonly string[];
  readonly #pace: HostPace | undefined;
  readonly name: string;

  constructor(description: ServiceDescription, { key, baseUrl }: ServiceSettings) {
    this.#description = description;
    this.name = description.name;
    this.#baseUrl = (baseUrl ?? description.baseUrl).replace(/\/+$/, '');
    const host = baseUrl === undefined ? undefined : URL.parse(baseUrl)?.host;
    this.#allowPrivate = host === undefined ? [] : [host];
    this.#secrets = key === undefined ? [] : [key];
    this.#pace = description.gapMs === undefined ? undefined : new HostPace({ concurrency: 1, intervalMs: description.gapMs });
  }

  /** Throws SourceError. */
  json<Schema extends z.ZodType>(request: ServiceRequest, schema: Schema, { signal }: { signal: AbortSignal }): Promise<z.output<Schema>> {
    return this.#inTurn(() => requestJson(this.#request(request), schema, { signal, allowPrivate: this.#allowPrivate }), signal);
  }

  /** Throws SourceError. */
  async text(request: ServiceRequest, { signal }: { signal: AbortSignal }): Promise<string> {
    return (await this.#inTurn(() => requestText(this.#request(request), { signal, allowPrivate: this.#allowPrivate }), signal)).text;
  }

  #inTurn<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    return this.#pace === undefined ? work() : this.#pace.run(this.name, work, signal);
  }

  #request({ path, parameters = {}, ...rest }: ServiceRequest): SourceRequest {
    const { title, keyVariable, explain } = this.#description;
    const url = new URL(`${this.#baseUrl}${path}`);
    for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, String(value));
    return { ...rest, source: title, url, secrets: this.#secrets, ...(keyVariable !== undefined && { keyVariable }), ...(explain !== undefined && { explain }) };
  }
}

/** The key, or SourceError that says where to get one. */
export function requireKey(key: string | undefined, { title, keyVariable, keyAddress }: Pick<Required<ServiceDescription>, 'title' | 'keyVariable' | 'keyAddress'>): string {
  if (key !== undefined && key.trim() !== '') return key;
  throw new SourceError('auth', `${title} needs a key: put it into the environment variable ${keyVariable} (get one at ${keyAddress}). Without any key, wikipedia, arxiv, openalex, pubmed and folders can be searched.`);
}

/** Text of a snippet or title that may hold tags and entities. */
export const plainText = (html: string | null | undefined): string => toLine(html == null ? '' : /[<&]/.test(html) ? (parseHtml(html.replace(/<(?=[^a-z/!])/gi, '&lt;')).body.textContent ?? '') : html);

/** A hit without the fields that are empty. */
export function toHit(hit: Omit<SearchHit, 'publishedAt' | 'text' | 'authors'> & { publishedAt?: string | null | undefined; text?: string | null | undefined; authors?: readonly string[] | undefined }): SearchHit {
  const { publishedAt, text, authors, ...rest } = hit;
  return {
    ...rest,
    title: plainText(rest.title) || rest.url,
    snippet: plainText(rest.snippet),
    ...(publishedAt != null && publishedAt !== '' && { publishedAt }),
    ...(text != null && text.trim() !== '' && { text }),
    ...(authors !== undefined && authors.length > 0 && { authors }),
  };
}

/** The hits that a query allows: services take its bounds as hints, or not at all. A hit without a date passes. */
export function within(hits: readonly SearchHit[], { count = DEFAULT_COUNT, includeDomains = [], excludeDomains = [], publishedAfter, publishedBefore }: SearchQuery, cost?: number): SearchResult {
  const allowed = hits.filter(({ url, publishedAt }) => {
    const host = URL.parse(url)?.hostname ?? '';
    const isOf = (domain: string): boolean => host === domain.toLowerCase() || host.endsWith(`.${domain.toLowerCase()}`);
    if (includeDomains.length > 0 && !includeDomains.some(isOf)) return false;
    if (excludeDomains.some(isOf)) return false;
    if (publishedAt === undefined) return true;
    // Compared as far as both are known: a year may be all that is said.
    const isBefore = (bound: string): boolean => publishedAt.slice(0, 10) < bound.slice(0, Math.min(10, publishedAt.length));
    const isAfter = (bound: string): boolean => publishedAt.slice(0, Math.min(10, bound.length)) > bound.slice(0, 10);
    return !(publishedAfter !== undefined && isBefore(publishedAfter)) && !(publishedBefore !== undefined && isAfter(publishedBefore));
  });
  return { hits: allowed.slice(0, count), ...(cost !== undefined && { cost }) };
}

/** A query's words with its domains as operators, for engines that know `site:`. */
export function withSites({ query, includeDomains = [], excludeDomains = [] }: SearchQuery): string {
  const only = includeDomains.map((domain) => `site:${domain}`).join(' OR ');
  return [query, ...(only === '' ? [] : [includeDomains.length > 1 ? `(${only})` : only]), ...excludeDomains.map((domain) => `-site:${domain}`)].join(' ');
}

/** The words of a query that tell something, as they are written; for indexes that want every word of a question in the document. */
export function tellingWords(query: string): string[] {
  const words = query.match(/[\p{L}\p{N}\p{M}]+(?:[-'’.][\p{L}\p{N}\p{M}]+)*/gu) ?? [];
  const telling = words.filter((word) => wordsOf(word).some(isTelling));
  return telling.length > 0 ? telling : words;
}

/** Asks for all words; where nothing holds them all, for any. */
export async function allThenAny<Item>(query: string, ask: (words: string) => Promise<readonly Item[]>): Promise<readonly Item[]> {
  const words = tellingWords(query);
  const all = await ask(words.join(' '));
  return all.length > 0 || words.length < 2 ? all : ask(words.join(' OR '));
}

export const dayOf = (date: string): string => date.slice(0, 10);
