/** The file of an index: one SQLite database. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { R5Error } from '../../error.ts';
import { openSqlite } from '../../sqlite.ts';

/** Counted up when what is in the file, or how texts are cut into words, changes: an older index is made anew. */
const VERSION = 2;

/**
 * A passage's text stands once in the file: `lead` is what lies between the passage before and this one, so that the document's whole text
 * is all leads and texts in their order and the document's `tail`. Postings come in segments, each over the passages from `first` on;
 * `lengths` holds their weighted word counts as 16-bit numbers, 0 for a passage that is gone.
 */
const SCHEMA = `
  PRAGMA user_version = ${VERSION};
  CREATE TABLE document (
    id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, modified REAL NOT NULL, hash TEXT NOT NULL,
    media_type TEXT NOT NULL, title TEXT NOT NULL, byline TEXT, published TEXT, language TEXT, tail TEXT NOT NULL, indexed TEXT NOT NULL
  );
  CREATE TABLE passage (
    id INTEGER PRIMARY KEY, document INTEGER NOT NULL, start INTEGER NOT NULL, lead TEXT NOT NULL, text TEXT NOT NULL, headings TEXT NOT NULL, page INTEGER
  );
  CREATE INDEX passage_of_document ON passage (document);
  CREATE TABLE segment (id INTEGER PRIMARY KEY, first INTEGER NOT NULL, lengths BLOB NOT NULL);
  CREATE TABLE posting (segment INTEGER NOT NULL, word TEXT NOT NULL, count INTEGER NOT NULL, list BLOB NOT NULL, PRIMARY KEY (segment, word)) WITHOUT ROWID;
  CREATE INDEX posting_count ON posting (word, count);
  CREATE TABLE vector (passage INTEGER PRIMARY KEY, value BLOB NOT NULL);
  CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`;

/** Opens an index to be written, and makes it where there is none. Throws R5Error for a file that is something else. */
export function createIndexFile(path: string): DatabaseSync {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const database = openChecked(path, {});
  const version = versionOf(database, path);
  // What a killed run had not finished is undone by SQLite when the file is opened the next time.
  database.exec('PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536;');
  if (version === VERSION) return database;
  database.exec('BEGIN IMMEDIATE');
  // Another run may have made it meanwhile.
  if (versionOf(database, path) !== VERSION) {
    dropTables(database);
    database.exec(SCHEMA);
  }
  database.exec('COMMIT');
  return database;
}

/** Opens an index to be searched. Throws R5Error where there is none, or one of another version. */
export function openIndexFile(path: string): DatabaseSync {
  if (!existsSync(path)) throw new R5Error(`There is no index at ${path}. Make one with: r5 index <folder>`);
  const database = openChecked(path, { readOnly: true });
  const version = versionOf(database, path);
  if (version !== VERSION) {
    database.close();
    throw new R5Error(`${path} is an index of another version of r5 (${version}; this one reads ${VERSION}). Make it anew with: r5 index <folder>`);
  }
  return database;
}

function openChecked(path: string, options: { readOnly?: boolean }): DatabaseSync {
  try {
    return openSqlite(path, options);
  } catch (cause) {
    throw new R5Error(`${path} cannot be opened (${cause instanceof Error ? cause.message : String(cause)}). May it be written there, and is there space?`, { cause });
  }
}

function versionOf(database: DatabaseSync, path: string): number {
  try {
    const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all().map(({ name }) => String(name));
    if (tables.length > 0 && !tables.includes('posting')) throw new R5Error(`${path} is a database of something else; it is left as it is. Give another path with --index.`);
    return version;
  } catch (cause) {
    database.close();
    if (cause instanceof R5Error) throw cause;
    throw new R5Error(`${path} is no index of r5 (${cause instanceof Error ? cause.message : String(cause)}). Delete it or give another path with --index.`, { cause });
  }
}

function dropTables(database: DatabaseSync): void {
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all().map(({ name }) => String(name));
  database.exec(names.map((name) => `DROP TABLE "${name.replaceAll('"', '""')}";`).join('\n'));
}
