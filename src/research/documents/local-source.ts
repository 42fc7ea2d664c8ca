/** A folder of documents as a search source. */
import { DEFAULT_COUNT, type SearchHit, type SearchQuery, type SearchSource, type SourceDocument } from '../search-source.ts';
import { SourceError } from '../source-error.ts';
import type { Embedder } from './embeddings.ts';
import { withIndexErrors } from './index-failure.ts';
import { type FoundDocument, DocumentIndex } from './search-documents.ts';
import { snippetOf } from './snippet.ts';
import { rankByVector } from './vectors.ts';
import { queryWords } from './words.ts';
import { fuseByRank } from '../sources/reciprocal-rank.ts';

const SNIPPET_CHARACTERS = 500;
export interface LocalSourceOptions {
  /** As typed on the command line. */
  name: string;
  /** The index file. */
  index: string;
  /** Searches by meaning as well; the index must hold vectors of the same model (`r5 index --embeddings`). */
  embedder?: Embedder;
}

/**
 * Opens the index and searches it. Hits are whole documents, with their best passages as the snippet; `read` gives a document as it was when
 * it was indexed, and only documents of the index. Throws R5Error where there is no index.
 */
export function localSource({ name, index: path, embedder }: LocalSourceOptions): SearchSource {
  const index = new DocumentIndex(path);
  return {
    name,
    async search(query, { signal }) {
      signal.throwIfAborted();
      // Files lie in no domain.
      if ((query.includeDomains ?? []).length > 0) return { hits: [] };
      return failingAs(path, async () => {
        const wanted = query.count ?? DEFAULT_COUNT;
        const isDated = query.publishedAfter !== undefined || query.publishedBefore !== undefined;
        const byWords = index.rank(query.query);
        const ranked = embedder === undefined ? byWords : fuseByRank([byWords, await rankByVector(index.database, query.query, { embedder, signal })], ({ passage }) => passage).map(({ item, score }) => ({ ...item, score }));
        const found = index.search(query.query, { count: isDated ? Infinity : wanted, ranked });
        const words = new Set(queryWords(query.query).keys());
        return { hits: found.filter((document) => isWithin(document, query)).slice(0, wanted).map((document) => toHit(document, words, name)) };
      });
    },
    async read({ url }) {
      return failingAs(path, async () => {
        const found = index.read(url);
        return found && asDocument(found);
      });
    },
    async close() {
      index.close();
    },
  };
}

/** What SQLite throws, such as for a file that is locked or damaged, is a failure of this source. */
const failingAs = <Result>(path: string, work: () => Promise<Result>): Promise<Result> => withIndexErrors(path, work, (message, options) => new SourceError('unreadable', message, options));

function asDocument({ url, hash, indexedAt, ...document }: NonNullable<ReturnType<DocumentIndex['read']>>): SourceDocument {
  return { ...document, url, finalUrl: url, retrievedAt: indexedAt, contentHash: hash, origin: 'file' };
}

/** By the date that the document gives, or that of the file. */
function isWithin({ publishedAt, modifiedAt }: FoundDocument, { publishedAfter, publishedBefore }: SearchQuery): boolean {
  const date = publishedAt ?? modifiedAt;
  // A bound that is a day includes the whole of it.
  return (publishedAfter === undefined || date >= publishedAfter) && (publishedBefore === undefined || date.slice(0, publishedBefore.length) <= publishedBefore);
}

function toHit({ url, title, byline, publishedAt, passages }: FoundDocument, words: ReadonlySet<string>, source: string): SearchHit {
  const each = Math.floor(SNIPPET_CHARACTERS / Math.max(1, passages.length));
  const snippet = passages.map(({ page, text }) => `${page === undefined ? '' : `[page ${page}] `}${snippetOf(text, words, Math.max(each, SNIPPET_CHARACTERS / 2))}`).join('\n');
  return { url, title, snippet, source, origin: 'file', ...(publishedAt !== undefined && { publishedAt }), ...(byline !== undefined && { authors: [byline] }) };
}
