/** Where a research run searches, from what was typed: names that can be kept with the run, and the sources that they open. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SearchSource } from '../research/search-source.ts';
import { openSources, SOURCE_NAMES, splitSourceNames, usableSources } from '../research/sources/open-sources.ts';
import { openEmbedder } from './open-embedder.ts';
import type { Output } from './output.ts';
import { printable } from './printable.ts';
import { shownPath } from './shown-path.ts';

/** Names as they are kept: folders by their absolute paths, so that the run goes on from any folder. Nothing typed: all that can be used as they are. */
export function sourceNames({ sources = [], documents = [] }: { sources?: readonly string[] | undefined; documents?: readonly string[] | undefined }, environment: Readonly<Record<string, string | undefined>> = process.env): string[] {
  const typed = [...splitSourceNames(sources).map(settled), ...documents.map((folder) => resolve(folder))];
  return typed.length > 0 ? [...new Set(typed)] : usableSources(environment);
}

const settled = (name: string): string => {
  if (name.startsWith('mcp:') || SOURCE_NAMES.includes(name.toLowerCase())) return name;
  return existsSync(name) ? resolve(name) : name;
};

export interface OpenedSources {
  sources: SearchSource[];
  /** Ends the connections and processes that they hold. */
  close(): Promise<void>;
}

export interface NamedSources {
  sources: readonly string[];
  embeddings?: string | undefined;
  embeddingsUrl?: string | undefined;
}

/** Opens them, folders with an index that is up to date, and says what was read. Throws R5Error for what cannot be used: before anything is paid for. */
export async function openNamedSources({ sources: names, embeddings, embeddingsUrl }: NamedSources, { output, signal }: { output: Output; signal: AbortSignal }): Promise<OpenedSources> {
  const embedder = await openEmbedder(embeddings, embeddingsUrl);
  const sources = await openSources(names, {
    signal,
    ...(embedder !== undefined && { embedder }),
    onIndexed: (folder, { documents, passages, failed }) => {
      const lost = failed.length === 0 ? '' : `, ${failed.length} could not be read`;
      output.line(printable(`${shownPath(folder)}: ${documents} documents, ${passages} passages${lost}`));
    },
  });
  return {
    sources,
    close: async () => {
      await Promise.all(sources.map((source) => source.close?.()));
    },
  };
}
