/** Search sources by the names that people type: `exa,wikipedia,./docs`. */
import { existsSync, statSync } from 'node:fs';
import { R5Error } from '../../error.ts';
import { closestName } from '../../near-names.ts';
import type { Embedder } from '../documents/embeddings.ts';
import { indexFolder, indexPathOf, type IndexReport } from '../documents/index-folder.ts';
import { localSource } from '../documents/local-source.ts';
import type { SearchSource } from '../search-source.ts';
import { arxivSource } from './arxiv.ts';
import { braveSource } from './brave.ts';
import { encyclopaediaSource } from './encyclopaedia.ts';
import { exaSource } from './exa.ts';
import { mcpSource } from './mcp-source.ts';
import { openalexSource } from './openalex.ts';
import { pubmedSource } from './pubmed.ts';
import { searxngSource } from './searxng.ts';
import { serperSource } from './serper.ts';
import type { ServiceSettings } from './service.ts';
import { tavilySource } from './tavily.ts';
import { wikipediaSource } from './wikipedia.ts';

interface KnownSource {
  open: (settings: ServiceSettings) => SearchSource;
  /** The environment variable of its key, and whether it works without one. */
  key?: string;
  needsKey?: boolean;
  /** The environment variable of its address. */
  address?: string;
  /** Searched only where it is asked for by name: most of what it says is invented. */
  onlyNamed?: boolean;
}

const SOURCES: Readonly<Record<string, KnownSource>> = {
  exa: { open: exaSource, key: 'EXA_API_KEY', needsKey: true },
  tavily: { open: tavilySource, key: 'TAVILY_API_KEY', needsKey: true },
  brave: { open: braveSource, key: 'BRAVE_API_KEY', needsKey: true },
  serper: { open: serperSource, key: 'SERPER_API_KEY', needsKey: true },
  searxng: { open: searxngSource, address: 'SEARXNG_URL' },
  wikipedia: { open: wikipediaSource },
  arxiv: { open: arxivSource },
  openalex: { open: openalexSource, key: 'OPENALEX_API_KEY' },
  pubmed: { open: pubmedSource, key: 'NCBI_API_KEY' },
  encyclopaedia: { open: encyclopaediaSource, onlyNamed: true },
};

export const SOURCE_NAMES: readonly string[] = Object.keys(SOURCES);

export interface OpenSourcesOptions {
  /** Where keys and addresses are looked for. Default: the process's. */
  environment?: Readonly<Record<string, string | undefined>>;
  /** Addresses in place of the services' own, by name. */
  baseUrls?: Readonly<Record<string, string>>;
  /** For folders: searches by meaning as well; their vectors are made with the index. */
  embedder?: Embedder;
  /** Told what was read when a folder's index was brought up to date. */
  onIndexed?: (folder: string, report: IndexReport) => void;
  signal?: AbortSignal;
}

/**
 * Opens sources by name: a service, a folder (its index is made or brought up to date), an index file, or `mcp:` with a server's address or
 * command and, behind a #, its tool. Throws R5Error for a name that is none of these, SourceError (`auth`) for a service without its key.
 */
export async function openSources(names: readonly string[], options: OpenSourcesOptions = {}): Promise<SearchSource[]> {
  const typed = splitSourceNames(names);
  if (typed.length === 0) throw new R5Error(`No source is named. There are ${SOURCE_NAMES.join(', ')}, folders such as ./docs, and mcp:<server>.`);
  const opened = await Promise.allSettled(typed.map((name) => openSource(name, options)));
  const failed = opened.find((one) => one.status === 'rejected');
  const sources = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  if (failed === undefined) return sources;
  await Promise.all(sources.map((source) => source.close?.()));
  throw failed.reason;
}

/** Names one by one: `exa,wikipedia` is two. A comma within a path that is there, or within a server's command, parts nothing. */
export const splitSourceNames = (names: readonly string[]): string[] => [
  ...new Set(names.flatMap((name) => (name.startsWith('mcp:') || existsSync(name) ? [name] : name.split(','))).map((name) => name.trim()).filter((name) => name !== '')),
];

/** The sources that can be used as they are: those whose key or address is in the environment, and those that need none but the encyclopaedia. */
export function usableSources(environment: OpenSourcesOptions['environment'] = process.env): string[] {
  return Object.entries(SOURCES).flatMap(([name, { key, needsKey, address, onlyNamed }]) => (onlyNamed !== true && (needsKey !== true || isSet(environment, key)) && (address === undefined || isSet(environment, address)) ? [name] : []));
}

const isSet = (environment: Readonly<Record<string, string | undefined>>, variable: string | undefined): boolean => variable !== undefined && (environment[variable] ?? '').trim() !== '';

async function openSource(name: string, options: OpenSourcesOptions): Promise<SearchSource> {
  const { environment = process.env, baseUrls = {} } = options;
  if (name.startsWith('mcp:')) {
    const [, server = '', tool] = /^mcp:(.+?)(?:#([\w.-]+))?$/.exec(name) ?? [];
    if (server.trim() === '') throw new R5Error('mcp: needs the address or the command of a server, such as mcp:https://example.org/mcp or "mcp:npx some-server".');
    return mcpSource({ name, server, ...(tool !== undefined && { tool }) });
  }
  const known = Object.hasOwn(SOURCES, name.toLowerCase()) ? SOURCES[name.toLowerCase()] : undefined;
  if (known === undefined) return openLocal(name, options);
  const key = known.key === undefined ? undefined : environment[known.key]?.trim() || undefined;
  const baseUrl = baseUrls[name.toLowerCase()] ?? (known.address === undefined ? undefined : environment[known.address]?.trim() || undefined);
  return known.open({ key, baseUrl });
}

async function openLocal(name: string, { embedder, onIndexed, signal }: OpenSourcesOptions): Promise<SearchSource> {
  const found = statSync(name, { throwIfNoEntry: false });
  const shared = { name, ...(embedder !== undefined && { embedder }) };
  if (found?.isFile()) return localSource({ ...shared, index: name });
  if (!found?.isDirectory()) {
    const near = closestName(name, SOURCE_NAMES);
    throw new R5Error(`There is no source "${name}", and no folder of that name. ${near === undefined ? `There are ${SOURCE_NAMES.join(', ')}, folders such as ./docs, and mcp:<server>.` : `Did you mean ${near}?`}`);
  }
  const report = await indexFolder(name, { ...(signal !== undefined && { signal }), ...(embedder !== undefined && { embedder }) });
  onIndexed?.(name, report);
  if (report.documents === 0) throw new R5Error(`The folder ${name} holds no document that can be read${report.failed.length > 0 ? ` (${report.failed.length} failed: ${report.failed[0]?.reason})` : ''}. r5 index ${name} tells more.`);
  return localSource({ ...shared, index: indexPathOf(name) });
}
