/**
 * How long a large index takes, and how long its answers take: passages of synthetic words whose frequencies follow Zipf's law, and questions of
 * 3 to 8 words drawn from passages, frequent words among them. With fts5 it measures SQLite's FTS5 on the same passages and questions.
 * node bench/index-scale.ts [passages] [r5 | fts5]
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { R5Error } from '../src/error.ts';
import { Random } from '../src/random.ts';
import { DocumentIndexWriter } from '../src/research/documents/document-index.ts';
import { DocumentIndex } from '../src/research/documents/search-documents.ts';
import { openSqlite } from '../src/sqlite.ts';

const [count = '100000', system = 'r5'] = process.argv.slice(2);
const PASSAGES = Number(count);
const SYSTEMS: Readonly<Record<string, () => (question: string) => unknown>> = { r5: indexR5, fts5: indexFts5 };
const makeIndex = SYSTEMS[system];
if (makeIndex === undefined || !Number.isInteger(PASSAGES) || PASSAGES < 1) throw new R5Error(`node bench/index-scale.ts [passages] [${Object.keys(SYSTEMS).join(' | ')}]: it was called with ${count} ${system}.`);
const DOCUMENT_PASSAGES = 20;
const WORDS_IN_PASSAGE = 100;
const VOCABULARY = 500_000;
const QUESTIONS = 200;

const SYLLABLES = 'ba be bi bo bu da de di do du fa fe fi fo fu ga ge gi go gu ka ke ki ko ku la le li lo lu ma me mi mo mu na ne ni no nu pa pe pi po pu ra re ri ro ru sa se si so su ta te ti to tu'.split(' ');
const random = new Random(1);

/** The rank-th most frequent word: made of syllables, so that words differ. */
function wordAt(rank: number): string {
  let word = '';
  for (let rest = rank + SYLLABLES.length; rest > 0; rest = Math.floor(rest / SYLLABLES.length)) word += SYLLABLES[rest % SYLLABLES.length];
  return word;
}
const words = Array.from({ length: VOCABULARY }, (_, rank) => wordAt(rank));
/** Ranks with probabilities near 1 / (rank + 2.7), by the inverse of that sum's logarithm. */
const draw = (): string => words[Math.floor(2.7 * ((VOCABULARY + 2.7) / 2.7) ** random.uniform() - 2.7)] ?? 'ba';
const passage = (): string => Array.from({ length: WORDS_IN_PASSAGE }, draw).join(' ');

const folder = mkdtempSync(join(tmpdir(), 'r5-index-scale-'));
const path = join(folder, 'index.sqlite');
const questions: string[] = [];
let textMs = 0;
let textCpu = 0;
const cpuSeconds = (): number => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;

function makeDocument(): { text: string; passages: { start: number; end: number; headings: string[] }[] } {
  const [start, cpu] = [performance.now(), cpuSeconds()];
  const parts = Array.from({ length: DOCUMENT_PASSAGES }, passage);
  let offset = 0;
  const passages = parts.map((part) => {
    offset += part.length + 2;
    return { start: offset - part.length - 2, end: offset - 2, headings: [] };
  });
  if (questions.length < QUESTIONS && random.uniform() < (3 * QUESTIONS * DOCUMENT_PASSAGES) / PASSAGES) {
    const said = (parts[0] ?? '').split(' ');
    questions.push(Array.from({ length: random.integer(3, 8) }, () => said[random.integer(0, said.length - 1)]).join(' '));
  }
  textMs += performance.now() - start;
  textCpu += cpuSeconds() - cpu;
  return { text: parts.join('\n\n'), passages };
}

function indexR5(): (question: string) => unknown {
  const writer = new DocumentIndexWriter(path);
  for (let document = 0; document * DOCUMENT_PASSAGES < PASSAGES; document++) {
    writer.put({ url: `file:///d${document}`, size: 0, modified: 0, hash: String(document), mediaType: 'text/plain' }, { title: draw(), ...makeDocument() });
  }
  writer.commit();
  writer.close();
  const index = new DocumentIndex(path);
  return (question) => index.search(question);
}

function indexFts5(): (question: string) => unknown {
  const database = openSqlite(path);
  database.exec("PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536; CREATE VIRTUAL TABLE passage USING fts5(title, text, tokenize = 'porter unicode61'); BEGIN");
  const add = database.prepare('INSERT INTO passage VALUES (?, ?)');
  for (let document = 0; document * DOCUMENT_PASSAGES < PASSAGES; document++) {
    const title = draw();
    const { text, passages } = makeDocument();
    for (const { start, end } of passages) add.run(title, text.slice(start, end));
    if (document % 2500 === 2499) database.exec('COMMIT; BEGIN');
  }
  database.exec('COMMIT');
  const find = database.prepare('SELECT rowid, title, text FROM passage WHERE passage MATCH ? ORDER BY rank LIMIT 10');
  return (question) => find.all([...new Set(question.split(' '))].map((word) => `"${word}"`).join(' OR '));
}

try {
  const start = performance.now();
  const cpu = cpuSeconds();
  const find = makeIndex();
  const seconds = (performance.now() - start - textMs) / 1000;
  const used = cpuSeconds() - cpu - textCpu;
  console.log(`${system}: ${PASSAGES} passages of ${WORDS_IN_PASSAGE} words in ${seconds.toFixed(1)} s (processor ${used.toFixed(1)} s), ${(statSync(path).size / 1024 ** 2).toFixed(0)} MB, memory ${(process.memoryUsage().rss / 1024 ** 2).toFixed(0)} MB`);
  const measured = questions.map((question) => {
    const [before, cpuBefore] = [performance.now(), cpuSeconds()];
    find(question);
    return { wall: performance.now() - before, cpu: 1000 * (cpuSeconds() - cpuBefore) };
  });
  for (const kind of ['wall', 'cpu'] as const) {
    const times = measured.map((one) => one[kind]).sort((left, right) => left - right);
    const at = (share: number): string => (times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? NaN).toFixed(1);
    console.log(`${questions.length} questions of 3 to 8 words, ${kind === 'wall' ? 'by the clock' : 'processor time'}: median ${at(0.5)} ms, 95th percentile ${at(0.95)} ms, slowest ${at(1)} ms`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
