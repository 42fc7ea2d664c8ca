/** Brings an index up to date with a folder: what is new or changed is read, what went is taken out, the rest is left alone. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { R5Error } from '../../error.ts';
import { SourceError } from '../source-error.ts';
import { DocumentIndexWriter, hashOf } from './document-index.ts';
import type { Embedder } from './embeddings.ts';
import { isDocumentName, readFileBytes, type ReadFileOptions } from './file-document.ts';
import { withIndexErrors } from './index-failure.ts';
import { ReadingThreads } from '../web/reading-threads.ts';
import { DocumentIndex } from './search-documents.ts';
import { embedPassages } from './vectors.ts';

export interface IndexReport {
  /** The index file. */
  index: string;
  added: number;
  changed: number;
  unchanged: number;
  removed: number;
  /** Files of formats that are not read, such as pictures, by the end of their names. */
  ignored: Readonly<Record<string, number>>;
  /** What was not looked at: how many hidden files and folders, links, folders of what programs make, and pipes and the like. */
  passedOver: Readonly<PassedOver>;
  /** Files that should hold text and could not be read, with what is wrong. */
  failed: readonly { path: string; reason: string }[];
  /** Of the whole index. */
  documents: number;
  passages: number;
  /** Vectors that were made, where an embedder was given. */
  embedded?: number;
  milliseconds: number;
}

export interface PassedOver {
  hidden: number;
  links: number;
  programFolders: number;
  special: number;
}

export interface IndexFolderOptions {
  /** The index file. Default: `.r5-index/index.sqlite` in the folder. */
  index?: string;
  /** Makes vectors of the passages that have none yet. */
  embedder?: Embedder;
  signal?: AbortSignal;
  /** Told after each file that was looked at. */
  onFile?: (path: string, looked: number) => void;
}

/** A file that takes longer is reported and given up: ample for a PDF of thousands of pages. */
const FILE_TIMEOUT_MS = 5 * 60_000;

/** Larger files are reported and not read. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Folders of what programs make, not people. Files and folders whose names begin with a dot are left out as well. */
const PROGRAM_FOLDERS = new Set(['node_modules', '__pycache__']);

const INDEX_FOLDER = '.r5-index';

/** Where a folder's index lies unless another place is given. */
export const indexPathOf = (folder: string): string => join(folder, INDEX_FOLDER, 'index.sqlite');

/**
 * Throws R5Error where the folder cannot be read. A file that cannot be is in the report, and any old version of it is out of the index. When
 * `signal` is aborted, what has been read so far stays in the index and the signal's reason is thrown.
 */
export async function indexFolder(folder: string, { index = indexPathOf(folder), signal = new AbortController().signal, embedder, onFile }: IndexFolderOptions = {}): Promise<IndexReport> {
  const start = performance.now();
  const root = resolve(folder);
  const listing = await listFiles(root);
  return withIndexErrors(index, async () => {
    const writer = new DocumentIndexWriter(index);
    const threads = new ReadingThreads({ timeoutMs: FILE_TIMEOUT_MS });
    try {
      const tally = new Tally(writer, root, { threads, signal });
      tally.failed.push(...listing.failed);
      for (const path of listing.files) {
        if (signal.aborted) {
          writer.commit();
          throw signal.reason;
        }
        await tally.look(path);
        onFile?.(path, ++tally.looked);
      }
      // Of a folder that could not be listed, nothing is known to be gone.
      tally.dropMissing(listing.files, listing.failed.map(({ path }) => resolve(root, path)));
      writer.commit();
      const embedded = embedder === undefined ? undefined : await embedPassages(writer.database, { embedder, signal });
      const { size: passages } = new DocumentIndex(writer.database);
      const { added, changed, unchanged, removed, ignored, failed } = tally;
      const counts = { added, changed, unchanged, removed, ignored, passedOver: listing.passedOver, failed };
      return { index, ...counts, documents: writer.files().size, passages, ...(embedded !== undefined && { embedded }), milliseconds: Math.round(performance.now() - start) };
    } finally {
      writer.close();
      await threads.close();
    }
  });
}

class Tally {
  readonly #writer: DocumentIndexWriter;
  readonly #root: string;
  readonly #signal: AbortSignal;
  readonly #threads: ReadingThreads;
  readonly #known: ReturnType<DocumentIndexWriter['files']>;
  readonly ignored: Record<string, number> = {};
  readonly failed: { path: string; reason: string }[] = [];
  looked = 0;
  added = 0;
  changed = 0;
  unchanged = 0;
  removed = 0;

  constructor(writer: DocumentIndexWriter, root: string, { threads, signal }: ReadFileOptions) {
    this.#writer = writer;
    this.#root = root;
    this.#signal = signal;
    this.#threads = threads;
    this.#known = writer.files();
  }

  async look(path: string): Promise<void> {
    const url = pathToFileURL(path).href;
    const known = this.#known.get(url);
    try {
      const { size, mtimeMs } = await stat(path);
      if (known?.size === size && known.modified === mtimeMs) return void this.unchanged++;
      if (size > MOST_BYTES) throw new SourceError('too-large', `${Math.round(size / 1024 ** 2)} MB; files of more than ${MOST_BYTES / 1024 ** 2} MB are not read.`);
      const bytes = await readFile(path);
      const hash = hashOf(bytes);
      if (known?.hash === hash) {
        this.#writer.touch(url, mtimeMs);
        return void this.unchanged++;
      }
      const { mediaType, document } = await readFileBytes(path, bytes, { threads: this.#threads, signal: this.#signal });
      this.#writer.put({ url, size, modified: mtimeMs, hash, mediaType }, document);
      if (known === undefined) this.added++;
      else this.changed++;
    } catch (error) {
      if (this.#signal.aborted) throw error;
      this.#fail(path, error);
      // Only what there is to take out: a write would wait for other runs.
      if (known !== undefined && this.#writer.remove(url)) this.removed++;
    }
  }

  dropMissing(files: readonly string[], unlisted: readonly string[]): void {
    const present = new Set(files.map((path) => pathToFileURL(path).href));
    const below = (folder: string): string => pathToFileURL(folder + sep).href;
    for (const url of this.#known.keys()) {
      if (!url.startsWith(below(this.#root)) || present.has(url) || unlisted.some((folder) => url.startsWith(below(folder)))) continue;
      if (this.#writer.remove(url)) this.removed++;
    }
  }

  #fail(path: string, error: unknown): void {
    // What the index throws is no fault of the file.
    const isFileError = error instanceof Error && 'code' in error && error.code !== 'ERR_SQLITE_ERROR';
    if (!(error instanceof SourceError) && !isFileError) throw error;
    if (error instanceof SourceError && error.kind === 'unreadable' && !isDocumentName(path)) {
      const ending = extname(path).toLowerCase() || 'without an ending';
      this.ignored[ending] = (this.ignored[ending] ?? 0) + 1;
    } else this.failed.push({ path: relative(this.#root, path), reason: error.message });
  }
}

/** All files below a folder, in the order of their names. Links are not followed: they may lead out of it, or round in circles. */
async function listFiles(root: string): Promise<{ files: string[]; passedOver: PassedOver; failed: { path: string; reason: string }[] }> {
  const files: string[] = [];
  const failed: { path: string; reason: string }[] = [];
  const passedOver: PassedOver = { hidden: 0, links: 0, programFolders: 0, special: 0 };
  const visit = async (folder: string): Promise<void> => {
    let entries;
    try {
      entries = await readdir(folder, { withFileTypes: true });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      if (folder === root) throw new R5Error(`The folder ${root} cannot be read (${reason}).`, { cause });
      failed.push({ path: relative(root, folder), reason });
      return;
    }
    for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.name === INDEX_FOLDER) continue;
      if (entry.name.startsWith('.')) passedOver.hidden++;
      else if (PROGRAM_FOLDERS.has(entry.name)) passedOver.programFolders++;
      else if (entry.isSymbolicLink()) passedOver.links++;
      else if (entry.isDirectory()) await visit(path);
      else if (entry.isFile()) files.push(path);
      else passedOver.special++;
    }
  };
  await visit(root);
  return { files, passedOver, failed };
}
