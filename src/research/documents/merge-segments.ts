/** Keeps the segments few: each word of a question costs a look into each. */
import type { DatabaseSync } from 'node:sqlite';
import { PostingListWriter, PostingReader } from './posting-list.ts';

/** Segments of this many passages are not merged any more. */
const LARGE = 50_000;

interface Segment {
  id: number;
  first: number;
  lengths: Uint16Array;
}

/**
 * Merges the last segments while the last is at least half as large as the one before it, so that the sizes fall by half from one to the
 * next and their number grows with the logarithm of the passages. What is gone is left out.
 */
export function mergeLastSegments(database: DatabaseSync): void {
  for (;;) {
    const [last, before] = readSegments(database, 'ORDER BY first DESC LIMIT 2');
    if (last === undefined || before === undefined) return;
    if (before.lengths.length >= LARGE || 2 * last.lengths.length < before.lengths.length) return;
    merge(database, before, last);
  }
}

export function readSegments(database: DatabaseSync, order = 'ORDER BY first'): Segment[] {
  return database.prepare(`SELECT id, first, lengths FROM segment ${order}`).all().map(({ id, first, lengths }) => {
    if (!(lengths instanceof Uint8Array)) throw new TypeError('lengths of a segment are no bytes');
    return { id: Number(id), first: Number(first), lengths: new Uint16Array(lengths.slice().buffer) };
  });
}

function merge(database: DatabaseSync, earlier: Segment, later: Segment): void {
  const shift = later.first - earlier.first;
  const lengths = new Uint16Array(shift + later.lengths.length);
  lengths.set(earlier.lengths);
  lengths.set(later.lengths, shift);
  const { lastInsertRowid } = database.prepare('INSERT INTO segment (first, lengths) VALUES (?, ?)').run(earlier.first, new Uint8Array(lengths.buffer));
  const add = database.prepare('INSERT INTO posting (segment, word, count, list) VALUES (?, ?, ?, ?)');
  const write = (word: string, list: PostingListWriter): void => {
    const bytes = list.finish();
    if (list.count > 0) add.run(lastInsertRowid, word, list.count, bytes);
  };
  let word = '';
  let list = new PostingListWriter();
  const reader = new PostingReader();
  const rows = database.prepare('SELECT segment, word, list FROM posting WHERE segment IN (?, ?) ORDER BY word, segment').iterate(earlier.id, later.id);
  for (const row of rows) {
    if (String(row['word']) !== word) {
      write(word, list);
      word = String(row['word']);
      list = new PostingListWriter();
    }
    const offset = row['segment'] === earlier.id ? 0 : shift;
    if (!(row['list'] instanceof Uint8Array)) throw new TypeError(`the postings of "${word}" are no bytes`);
    const entries = reader.read(row['list']);
    for (let entry = 0; entry < entries; entry++) {
      const passage = reader.passages[entry]! + offset;
      if (lengths[passage] !== 0) list.add(passage, reader.weights[entry]!);
    }
  }
  write(word, list);
  database.prepare('DELETE FROM posting WHERE segment IN (?, ?)').run(earlier.id, later.id);
  database.prepare('DELETE FROM segment WHERE id IN (?, ?)').run(earlier.id, later.id);
}
