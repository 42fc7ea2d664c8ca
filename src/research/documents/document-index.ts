/**
 * An index of documents: what was read, cut into passages, and which words stand in which. It is written in batches, each of which is
 * there whole or not at all; files that changed or went are taken out by marking, and go for good when segments are merged.
 */
import { createHash } from 'node:crypto';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ReadableDocument } from '../readable-document.ts';
import { createIndexFile } from './index-schema.ts';
import { mergeLastSegments } from './merge-segments.ts';
import { SegmentWriter } from './segment-writer.ts';

export interface IndexedFile {
  url: string;
  /** Bytes, milliseconds since 1970, and SHA-256, by which a change is seen. */
  size: number;
  modified: number;
  hash: string;
  mediaType: string;
}

/** Passages of one batch; with about a hundred words each they take some 100 MB of memory. */
const BATCH_PASSAGES = 50_000;
/** A run that is killed loses no more than this. */
const BATCH_MS = 60_000;

export class DocumentIndexWriter {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;
  #segment: SegmentWriter;
  #isOpen = false;
  #openedMs = 0;

  /** Opens the index at `path`, or makes it; `:memory:` for one that goes with the process. */
  constructor(path: string) {
    this.#database = createIndexFile(path);
    this.#statements = prepare(this.#database);
    this.#segment = new SegmentWriter(nextPassage(this.#database));
  }

  get database(): DatabaseSync {
    return this.#database;
  }

  /** What is in the index, by address. */
  files(): Map<string, IndexedFile> {
    const rows = this.#database.prepare('SELECT url, size, modified, hash, media_type FROM document').all();
    return new Map(
      rows.map((row) => [String(row['url']), { url: String(row['url']), size: Number(row['size']), modified: Number(row['modified']), hash: String(row['hash']), mediaType: String(row['media_type']) }]),
    );
  }

  /** Puts a document in, in place of the one that had its address. */
  put(file: IndexedFile, document: ReadableDocument): void {
    this.#begin();
    this.#drop(file.url);
    const { title, text, byline = null, publishedAt = null, language = null } = document;
    const passages = document.passages.length > 0 ? document.passages : [{ start: 0, end: text.length, headings: [] }];
    const tail = text.slice(passages.at(-1)?.end ?? 0);
    const { lastInsertRowid } = this.#statements.addDocument.run(
      file.url, file.size, file.modified, file.hash, file.mediaType, title, byline, publishedAt, language, tail, new Date().toISOString(),
    );
    let before = 0;
    for (const { start, end, headings, page = null } of passages) {
      const body = text.slice(start, end);
      const id = this.#segment.add({ title, headings, body });
      this.#statements.addPassage.run(id, lastInsertRowid, start, text.slice(before, start), body, JSON.stringify(headings), page);
      before = end;
    }
    if (this.#segment.size >= BATCH_PASSAGES || performance.now() - this.#openedMs > BATCH_MS) this.commit();
  }

  /** Takes note that a file is as it was but for its time. */
  touch(url: string, modified: number): void {
    this.#begin();
    this.#statements.touch.run(modified, url);
  }

  /** True where there was such a document. */
  remove(url: string): boolean {
    this.#begin();
    return this.#drop(url);
  }

  /** Writes what has been put in since the last time. */
  commit(): void {
    if (!this.#isOpen) return;
    if (this.#segment.size > 0) {
      this.#segment.write(this.#database);
      mergeLastSegments(this.#database);
    }
    this.#database.exec('COMMIT');
    this.#isOpen = false;
    this.#segment = new SegmentWriter(nextPassage(this.#database));
  }

  /** Ends without what has not been committed. */
  close(): void {
    if (this.#isOpen) this.#database.exec('ROLLBACK');
    this.#isOpen = false;
    this.#database.close();
  }

  #begin(): void {
    if (this.#isOpen) return;
    this.#database.exec('BEGIN IMMEDIATE');
    this.#isOpen = true;
    this.#openedMs = performance.now();
  }

  #drop(url: string): boolean {
    const document = this.#statements.findDocument.get(url)?.['id'];
    if (document === undefined) return false;
    const ids = this.#statements.passagesOf.all(document).map(({ id }) => Number(id));
    for (const id of ids.filter((one) => !this.#segment.clear(one))) clearLength(this.#statements, id);
    this.#statements.dropVectors.run(document);
    this.#statements.dropPassages.run(document);
    this.#statements.dropDocument.run(document);
    return true;
  }
}

/** SHA-256 of bytes, in hexadecimal. */
export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Numbers of passages are never given twice, since segments tell by them what is gone. */
function nextPassage(database: DatabaseSync): number {
  const row = database.prepare('SELECT first, length(lengths) / 2 AS size FROM segment ORDER BY id DESC LIMIT 1').get();
  return row === undefined ? 0 : Number(row['first']) + Number(row['size']);
}

function clearLength(statements: Record<'segmentOf' | 'writeLengths', StatementSync>, passage: number): void {
  const row = statements.segmentOf.get(passage);
  const lengths = row?.['lengths'];
  if (row === undefined || !(lengths instanceof Uint8Array)) return;
  const place = 2 * (passage - Number(row['first']));
  lengths.fill(0, place, place + 2);
  statements.writeLengths.run(lengths, Number(row['id']));
}

const prepare = (database: DatabaseSync) => ({
  addDocument: database.prepare('INSERT INTO document (url, size, modified, hash, media_type, title, byline, published, language, tail, indexed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
  addPassage: database.prepare('INSERT INTO passage (id, document, start, lead, text, headings, page) VALUES (?, ?, ?, ?, ?, ?, ?)'),
  touch: database.prepare('UPDATE document SET modified = ? WHERE url = ?'),
  findDocument: database.prepare('SELECT id FROM document WHERE url = ?'),
  passagesOf: database.prepare('SELECT id FROM passage WHERE document = ?'),
  dropVectors: database.prepare('DELETE FROM vector WHERE passage IN (SELECT id FROM passage WHERE document = ?)'),
  dropPassages: database.prepare('DELETE FROM passage WHERE document = ?'),
  dropDocument: database.prepare('DELETE FROM document WHERE id = ?'),
  segmentOf: database.prepare('SELECT id, first, lengths FROM segment WHERE first <= ? ORDER BY first DESC LIMIT 1'),
  writeLengths: database.prepare('UPDATE segment SET lengths = ? WHERE id = ?'),
});
