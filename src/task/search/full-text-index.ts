/** A full-text index in memory: SQLite's FTS5 with Porter stemming, ranked by BM25, titles weighing more than texts. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { openSqlite } from '../../sqlite.ts';
import type { Article } from './article.ts';

/** How much more a word in the title counts than one in the text. */
const TITLE_WEIGHT = 4;

/** They are in most articles, so to look for them takes long and tells nothing. */
const FUNCTION_WORDS = new Set('a an and are as at be by for from in is it its of on or that the to was were what when where which who whom with'.split(' '));

export class FullTextIndex {
  readonly #database: DatabaseSync;
  readonly #search: StatementSync;

  constructor(articles: Iterable<Article>) {
    this.#database = openSqlite(':memory:');
    this.#database.exec("CREATE VIRTUAL TABLE article USING fts5(title, text, tokenize = 'porter unicode61')");
    const insert = this.#database.prepare('INSERT INTO article (title, text) VALUES (?, ?)');
    this.#database.exec('BEGIN');
    for (const { title, text } of articles) insert.run(title, text);
    this.#database.exec('COMMIT');
    this.#search = this.#database.prepare(`SELECT title, text FROM article WHERE article MATCH ? ORDER BY bm25(article, ${TITLE_WEIGHT}, 1), rowid LIMIT ?`);
  }

  /**
   * The articles that fit best, best first. Any text is a query: its words are looked for, each by itself (but not its function words, if it
   * has others), and nothing in it is taken for FTS5's query language.
   */
  search(query: string, limit: number): Article[] {
    const words = query.match(/[\p{L}\p{N}]+/gu) ?? [];
    if (words.length === 0) return [];
    const telling = words.filter((word) => !FUNCTION_WORDS.has(word.toLowerCase()));
    const expression = [...new Set(telling.length > 0 ? telling : words)].map((word) => `"${word}"`).join(' OR ');
    return this.#search.all(expression, limit).map(({ title, text }) => ({ title: String(title), text: String(text) }));
  }

  close(): void {
    this.#database.close();
  }
}
