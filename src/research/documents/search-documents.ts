/** Searches an index: documents with the passages that answer. */
import type { DatabaseSync } from 'node:sqlite';
import type { Passage, ReadableDocument } from '../readable-document.ts';
import { type ReadPassage, reorder } from './feedback.ts';
import { openIndexFile } from './index-schema.ts';
import { PassageScores, type ScoredPassage } from './passage-scores.ts';
import { queryWords } from './words.ts';

export interface FoundPassage extends Passage {
  id: number;
  text: string;
  score: number;
}

export interface FoundDocument {
  url: string;
  title: string;
  byline?: string;
  publishedAt?: string;
  language?: string;
  /** When the file was last changed, ISO 8601. */
  modifiedAt: string;
  /** Best first. */
  passages: readonly FoundPassage[];
}

export interface IndexedDocument extends ReadableDocument {
  url: string;
  hash: string;
  mediaType: string;
  indexedAt: string;
}

/** Passages that are looked at for the order of the documents. */
const CANDIDATES = 100;
const PASSAGES_SHOWN = 3;

export class DocumentIndex {
  readonly #database: DatabaseSync;
  #scores: PassageScores;
  #version: unknown;

  /** Opens an index file, or searches one that is being written. Throws R5Error where there is none. */
  constructor(index: string | DatabaseSync) {
    this.#database = typeof index === 'string' ? openIndexFile(index) : index;
    this.#scores = new PassageScores(this.#database);
    this.#version = this.#dataVersion();
  }

  get database(): DatabaseSync {
    return this.#database;
  }

  /** Passages in the index. */
  get size(): number {
    return this.#scores.total;
  }

  /** Passages that fit the question's words best, best first. Any text is a question: nothing in it has a meaning of its own. */
  rank(question: string): ScoredPassage[] {
    return this.#atOneMoment(() => {
      const words = this.#scores.known(queryWords(question));
      const found = this.#scores.best(words, CANDIDATES);
      return found.length === 0 ? [] : reorder(this.#read(found), words, this.#scores);
    });
  }

  /** The documents that fit best. `ranked` are passages in the order that counts; by default those of `rank`. */
  search(question: string, { count = 10, ranked = this.rank(question) }: { count?: number; ranked?: readonly ScoredPassage[] } = {}): FoundDocument[] {
    const find = this.#database.prepare(
      'SELECT p.id, p.start, p.text, p.headings, p.page, d.url, d.title, d.byline, d.published, d.language, d.modified FROM passage p JOIN document d ON d.id = p.document WHERE p.id = ?',
    );
    const documents = new Map<string, FoundDocument & { passages: FoundPassage[] }>();
    for (const { passage, score } of ranked) {
      const row = find.get(passage);
      if (row === undefined) continue;
      const url = String(row['url']);
      const known = documents.get(url);
      if (known === undefined && documents.size === count) continue;
      const document = known ?? { ...describe(row), passages: [] };
      documents.set(url, document);
      if (document.passages.length < PASSAGES_SHOWN) document.passages.push({ id: passage, score, text: String(row['text']), ...passageOf(row) });
    }
    return [...documents.values()];
  }

  /** A document of the index as it was read; undefined for an address that is not in it. */
  read(url: string): IndexedDocument | undefined {
    const row = this.#database.prepare('SELECT * FROM document WHERE url = ?').get(url);
    if (row === undefined) return undefined;
    const rows = this.#database.prepare('SELECT start, lead, text, headings, page FROM passage WHERE document = ? ORDER BY id').all(row['id'] ?? null);
    const { modifiedAt: _, ...description } = describe(row);
    return {
      ...description,
      hash: String(row['hash']),
      mediaType: String(row['media_type']),
      indexedAt: String(row['indexed']),
      text: rows.map(({ lead, text }) => `${lead}${text}`).join('') + String(row['tail']),
      passages: rows.map(passageOf),
    };
  }

  close(): void {
    this.#database.close();
  }

  /** Another run may change the file at any time: what is kept of it in memory is read anew then, and nothing changes while a question is answered. */
  #atOneMoment<Result>(work: () => Result): Result {
    this.#database.exec('SAVEPOINT question');
    try {
      const version = this.#dataVersion();
      if (version !== this.#version) this.#scores = new PassageScores(this.#database);
      this.#version = version;
      return work();
    } finally {
      this.#database.exec('RELEASE question');
    }
  }

  #dataVersion(): unknown {
    return this.#database.prepare('PRAGMA data_version').get()?.['data_version'];
  }

  #read(found: readonly ScoredPassage[]): ReadPassage[] {
    const find = this.#database.prepare('SELECT d.title, p.headings, p.text FROM passage p JOIN document d ON d.id = p.document WHERE p.id = ?');
    return found.flatMap((one) => {
      const row = find.get(one.passage);
      return row === undefined ? [] : [{ ...one, title: String(row['title']), headings: parseHeadings(row['headings']), body: String(row['text']) }];
    });
  }
}

type Row = Record<string, unknown>;

const parseHeadings = (value: unknown): string[] => {
  const parsed: unknown = JSON.parse(String(value));
  return Array.isArray(parsed) ? parsed.map(String) : [];
};

function passageOf(row: Row): Passage {
  const start = Number(row['start']);
  const page = row['page'];
  return { start, end: start + String(row['text']).length, headings: parseHeadings(row['headings']), ...(page !== null && { page: Number(page) }) };
}

function describe(row: Row): Omit<FoundDocument, 'passages'> {
  const optional = (name: string, value: unknown): object => (value === null || value === undefined ? {} : { [name]: String(value) });
  return {
    url: String(row['url']),
    title: String(row['title']),
    modifiedAt: new Date(Number(row['modified'])).toISOString(),
    ...optional('byline', row['byline']),
    ...optional('publishedAt', row['published']),
    ...optional('language', row['language']),
  };
}
