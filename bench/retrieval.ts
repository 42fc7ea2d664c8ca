/**
 * How well questions find their documents: nDCG at 10 on Cranfield, with the local index, FTS5, MiniSearch and Orama on the same documents and
 * questions. Settings were chosen on the odd-numbered questions; the even-numbered ones tell how well they carry over.
 * node bench/retrieval.ts [directory of cranfield]
 */
import { create, insertMultiple, search } from '@orama/orama';
import MiniSearch from 'minisearch';
import { DocumentIndexWriter } from '../src/research/documents/document-index.ts';
import { DocumentIndex } from '../src/research/documents/search-documents.ts';
import { openSqlite } from '../src/sqlite.ts';
import { type CranfieldDocument, ndcg10, readCranfield } from './cranfield.ts';

type Find = (question: string) => Promise<string[]> | string[];

const { documents, queries } = readCranfield(process.argv[2] ?? '../shared/data/cranfield');

function localIndex(all: readonly CranfieldDocument[]): Find {
  const writer = new DocumentIndexWriter(':memory:');
  for (const { id, title, body } of all) {
    const document = { title, text: body, passages: [{ start: 0, end: body.length, headings: [] }] };
    writer.put({ url: id, size: 0, modified: 0, hash: '', mediaType: 'text/plain' }, document);
  }
  writer.commit();
  const index = new DocumentIndex(writer.database);
  return (question) => index.search(question).map(({ url }) => url);
}

/** FTS5 as it comes: Porter stemming, a plain OR of the words. */
function fts5(all: readonly CranfieldDocument[]): Find {
  const database = openSqlite(':memory:');
  database.exec("CREATE VIRTUAL TABLE document USING fts5(id UNINDEXED, title, body, tokenize = 'porter unicode61')");
  const add = database.prepare('INSERT INTO document VALUES (?, ?, ?)');
  for (const { id, title, body } of all) add.run(id, title, body);
  const find = database.prepare('SELECT id FROM document WHERE document MATCH ? ORDER BY rank LIMIT 10');
  return (question) => find.all([...new Set(question.match(/[\p{L}\p{N}]+/gu))].map((word) => `"${word}"`).join(' OR ')).map(({ id }) => String(id));
}

function miniSearch(all: readonly CranfieldDocument[]): Find {
  const index = new MiniSearch<CranfieldDocument>({ fields: ['title', 'body'] });
  index.addAll(all);
  return (question) => index.search(question).slice(0, 10).map(({ id }) => String(id));
}

/** With stemming, and without a bound on how many words must fit, which does better than its defaults. */
async function orama(all: readonly CranfieldDocument[]): Promise<Find> {
  const index = create({ schema: { title: 'string', body: 'string' } as const, components: { tokenizer: { language: 'english', stemming: true } } });
  await insertMultiple(index, [...all]);
  return async (question) => (await search(index, { term: question, limit: 10, threshold: 1 })).hits.map(({ id }) => String(id));
}

const systems: Record<string, Find> = { 'r5 index': localIndex(documents), 'FTS5': fts5(documents), 'MiniSearch': miniSearch(documents), 'Orama': await orama(documents) };

const mean = (values: readonly number[]): string => (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(4);
console.log(`nDCG@10 on Cranfield: ${documents.length} documents, ${queries.length} questions`);
console.log(`${''.padEnd(12)}      odd    even     all   ms/query`);
for (const [name, find] of Object.entries(systems)) {
  const scores: { number: number; score: number }[] = [];
  const start = performance.now();
  for (const { number, text, relevant } of queries) scores.push({ number, score: ndcg10(await find(text), relevant) });
  const time = (performance.now() - start) / queries.length;
  const half = (rest: number): string => mean(scores.filter(({ number }) => number % 2 === rest).map(({ score }) => score));
  console.log(`${name.padEnd(12)}  ${half(1)}  ${half(0)}  ${mean(scores.map(({ score }) => score))}  ${time.toFixed(2).padStart(9)}`);
}
