/** A search service over HTTP: its address, its key, its pace. */
import type { z } from 'zod';
import { SourceError } from '../source-error.ts';
import { HostPace } from '../web/host-pace.ts';
import { requestJson, requestText, type SourceRequest } from './source-http.ts';

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
