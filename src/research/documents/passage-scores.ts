/** Finds the passages that fit a question's words best: every passage that holds one is scored, so nothing is missed. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { idf, lengthNorm, saturate } from './bm25.ts';
import { readSegments } from './merge-segments.ts';
import { PostingReader } from './posting-list.ts';
import { isUnspaced } from './words.ts';

export interface ScoredPassage {
  passage: number;
  score: number;
}

/** Letters of a word that must stand to find its other forms, those that forms may have more, those of an ending, and those of a part of a compound. */
const SHORTEST_START = 4;
const LONGEST_REST = 12;
const LONGEST_ENDING = 3;
const SHORTEST_PART = 5;
const MOST_FORMS = 20;
/** Passages up to which all words are looked at. */
const SMALL = 100_000;

export class PassageScores {
  readonly #segments: readonly { id: number; first: number }[];
  readonly #postings: StatementSync;
  readonly #counts: StatementSync;
  readonly #starting: StatementSync;
  readonly #ending: StatementSync;
  readonly #reader = new PostingReader();
  readonly #norms: Float32Array;
  readonly #scores: Float32Array;
  /** Passages that are there, and their mean length. */
  readonly total: number;
  readonly meanLength: number;

  constructor(database: DatabaseSync) {
    const segments = readSegments(database);
    this.#segments = segments.map(({ id, first }) => ({ id, first }));
    this.#postings = database.prepare('SELECT count, list FROM posting WHERE segment = ? AND word = ?');
    // A frequent word's list is hundreds of kilobytes; who only counts does not read it.
    this.#counts = database.prepare('SELECT sum(count) AS count FROM posting WHERE word = ?');
    this.#starting = database.prepare('SELECT DISTINCT word FROM posting WHERE word > ? AND word < ? AND length(word) <= ? LIMIT ?');
    this.#ending = database.prepare("SELECT DISTINCT word FROM posting WHERE word LIKE '%' || ? ESCAPE '\\' LIMIT ?");
    let [total, sum] = [0, 0];
    for (const { lengths } of segments) {
      for (const length of lengths) {
        sum += length;
        if (length > 0) total++;
      }
    }
    this.total = total;
    this.meanLength = total === 0 ? 1 : sum / total;
    const last = segments.at(-1);
    const size = last === undefined ? 0 : last.first + last.lengths.length;
    this.#norms = new Float32Array(size).fill(Infinity);
    this.#scores = new Float32Array(size);
    for (const { first, lengths } of segments) {
      // What is gone keeps a norm without end, and so has no score.
      lengths.forEach((length, place) => void (length > 0 && (this.#norms[first + place] = lengthNorm(length, this.meanLength))));
    }
  }

  /** What a word tells, from in how many passages it stands. */
  idfOf(word: string): number {
    return idf(this.#countOf(word), this.total);
  }

  /** In how many passages a word stands. */
  #countOf(word: string): number {
    return Number(this.#counts.get(word)?.['count'] ?? 0);
  }

  /**
   * The words of a question, with those that stand nowhere in the index replaced by what is nearest to them: other forms of the same word, of
   * which languages other than English have many, and compounds that begin or end with it.
   */
  known(words: ReadonlyMap<string, number>): Map<string, number> {
    const found = new Map<string, number>();
    for (const [word, weight] of words) {
      const near = this.#countOf(word) > 0 ? [word] : this.#near(word);
      for (const one of near) found.set(one, (found.get(one) ?? 0) + weight / near.length);
    }
    return found;
  }

  #near(word: string): string[] {
    const startingWith = (start: string, longer: number): string[] => this.#starting.all(start, `${start}\u{10FFFF}`, start.length + longer, MOST_FORMS).map((row) => String(row['word']));
    if (isUnspaced(word)) return [...word].length === 1 ? startingWith(word, 2) : [];
    if (word.length < SHORTEST_START || /^\d/.test(word)) return [];
    const longer = startingWith(word, LONGEST_REST);
    if (longer.length > 0) return longer;
    for (let cut = 1; cut <= LONGEST_ENDING && word.length - cut >= SHORTEST_START; cut++) {
      const start = word.slice(0, -cut);
      const other = [start, ...startingWith(start, LONGEST_ENDING)].filter((one) => this.#countOf(one) > 0);
      if (other.length > 0) return other;
    }
    // All words must be looked at for this, which takes too long where there are many.
    if (word.length < SHORTEST_PART || this.total > SMALL) return [];
    return this.#ending.all(word.replace(/[\\%_]/g, '\\$&'), MOST_FORMS).map((row) => String(row['word']));
  }

  /** The best passages for weighted words, best first; of equal ones, the earlier. */
  best(words: ReadonlyMap<string, number>, limit: number): ScoredPassage[] {
    this.#scores.fill(0);
    for (const [word, weight] of words) this.#add(word, weight);
    return takeBest(this.#scores, limit);
  }

  #add(word: string, weight: number): void {
    const lists = this.#segments.flatMap(({ id, first }) => {
      const row = this.#postings.get(id, word);
      return row?.['list'] instanceof Uint8Array ? [{ first, count: Number(row['count']), list: row['list'] }] : [];
    });
    const factor = weight * idf(lists.reduce((sum, { count }) => sum + count, 0), this.total);
    const [scores, norms, reader] = [this.#scores, this.#norms, this.#reader];
    for (const { first, list } of lists) {
      const entries = reader.read(list);
      const { passages, weights } = reader;
      for (let entry = 0; entry < entries; entry++) {
        const passage = first + passages[entry]!;
        scores[passage] = scores[passage]! + factor * saturate(weights[entry]!, norms[passage]!);
      }
    }
  }
}

function takeBest(scores: Float32Array, limit: number): ScoredPassage[] {
  const best: ScoredPassage[] = [];
  let least = 0;
  for (let passage = 0; passage < scores.length; passage++) {
    const score = scores[passage]!;
    if (score <= least) continue;
    let place = best.length;
    while (place > 0 && best[place - 1]!.score < score) place--;
    best.splice(place, 0, { passage, score });
    if (best.length > limit) best.pop();
    if (best.length === limit) least = best[limit - 1]!.score;
  }
  return best;
}
