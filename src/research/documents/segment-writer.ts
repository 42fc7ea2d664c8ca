/** Gathers the words of passages in memory, until they are written as one segment. */
import type { DatabaseSync } from 'node:sqlite';
import { type PassageFields, visitWords } from './passage-words.ts';
import { PostingListWriter } from './posting-list.ts';

/** Lengths are kept in 16 bits. */
const LONGEST = 0xffff;

export class SegmentWriter {
  readonly #first: number;
  readonly #lists = new Map<string, PostingListWriter>();
  readonly #lengths: number[] = [];

  /** `first` is the number of the first passage. */
  constructor(first: number) {
    this.#first = first;
  }

  get size(): number {
    return this.#lengths.length;
  }

  /** Returns the passage's number. */
  add(fields: PassageFields): number {
    const place = this.#lengths.length;
    const length = visitWords(fields, (word, weight) => {
      let list = this.#lists.get(word);
      if (list === undefined) {
        list = new PostingListWriter();
        this.#lists.set(word, list);
      }
      list.add(place, weight);
    });
    // 0 stands for a passage that is gone.
    this.#lengths.push(Math.min(Math.max(length, 1), LONGEST));
    return this.#first + place;
  }

  /** Takes a passage of this segment out; false where it belongs to another. */
  clear(passage: number): boolean {
    if (passage < this.#first) return false;
    this.#lengths[passage - this.#first] = 0;
    return true;
  }

  write(database: DatabaseSync): void {
    const { lastInsertRowid } = database.prepare('INSERT INTO segment (first, lengths) VALUES (?, ?)').run(this.#first, new Uint8Array(Uint16Array.from(this.#lengths).buffer));
    const add = database.prepare('INSERT INTO posting (segment, word, count, list) VALUES (?, ?, ?, ?)');
    // In the order in which SQLite keeps text, so that each goes to the end of its tree.
    for (const word of [...this.#lists.keys()].sort()) {
      const list = this.#lists.get(word);
      if (list !== undefined) add.run(lastInsertRowid, word, list.count, list.finish());
    }
  }
}
