/** Vectors of an index's passages: made for what has none yet, and compared with a question's, all of them, so that nothing is missed. */
import type { DatabaseSync } from 'node:sqlite';
import { SourceError } from '../source-error.ts';
import type { Embedder } from './embeddings.ts';
import type { ScoredPassage } from './passage-scores.ts';

const BATCH = 32;
const CANDIDATES = 100;

/**
 * Gives each passage a vector that has none; returns how many it made. Vectors of another model go. What was made before an error stays.
 */
export async function embedPassages(database: DatabaseSync, { embedder, signal }: { embedder: Embedder; signal: AbortSignal }): Promise<number> {
  if (modelOf(database) !== embedder.model) {
    database.exec('BEGIN IMMEDIATE');
    database.exec('DELETE FROM vector');
    database.prepare("INSERT OR REPLACE INTO setting VALUES ('embedding model', ?)").run(embedder.model);
    database.exec('COMMIT');
  }
  const waiting = database.prepare(
    'SELECT p.id, d.title, p.text FROM passage p JOIN document d ON d.id = p.document WHERE p.id > ? AND NOT EXISTS (SELECT 1 FROM vector WHERE passage = p.id) ORDER BY p.id LIMIT ?',
  );
  const add = database.prepare('INSERT INTO vector (passage, value) VALUES (?, ?)');
  let [made, after] = [0, -1];
  for (;;) {
    const rows = waiting.all(after, BATCH);
    if (rows.length === 0) return made;
    const vectors = await vectorsOf(rows.map(({ title, text }) => `${title}\n${text}`), 'passage', { embedder, signal });
    database.exec('BEGIN IMMEDIATE');
    rows.forEach(({ id }, index) => add.run(Number(id), new Uint8Array(Float32Array.from(vectors[index]!).buffer)));
    database.exec('COMMIT');
    made += rows.length;
    after = Number(rows.at(-1)?.['id']);
  }
}

/** One vector for each text. Throws SourceError where the model gives more or fewer. */
async function vectorsOf(texts: readonly string[], kind: 'question' | 'passage', { embedder, signal }: { embedder: Embedder; signal: AbortSignal }): Promise<Float32Array[]> {
  const vectors = await embedder.embed(texts, kind, { signal });
  if (vectors.length !== texts.length) throw new SourceError('unavailable', `The embedding model ${embedder.model} gave ${vectors.length} vectors for ${texts.length} texts.`);
  return vectors;
}

/** The passages whose vectors are closest to the question's. Throws SourceError where the index holds no vectors of this model, or such as cannot be compared. */
export async function rankByVector(database: DatabaseSync, question: string, { embedder, signal }: { embedder: Embedder; signal: AbortSignal }): Promise<ScoredPassage[]> {
  const model = modelOf(database);
  if (model !== embedder.model) throw new SourceError('bad-request', `The index holds vectors of ${model ?? 'no model'}, not of ${embedder.model}. Make them with: r5 index <folder> --embeddings ${embedder.model}`);
  const wanted = (await vectorsOf([question], 'question', { embedder, signal }))[0]!;
  const best: ScoredPassage[] = [];
  for (const { passage, value } of database.prepare('SELECT passage, value FROM vector').iterate()) {
    if (!(value instanceof Uint8Array)) throw new TypeError('a vector is no bytes');
    const vector = new Float32Array(value.buffer, value.byteOffset, value.byteLength / 4);
    if (vector.length !== wanted.length) throw new SourceError('bad-request', `${embedder.model} gives vectors of ${wanted.length} numbers, and the index holds some of ${vector.length}: they are of another model of that name. Delete the index and make it anew.`);
    const score = dot(wanted, vector);
    if (best.length === CANDIDATES && score <= (best.at(-1)?.score ?? 0)) continue;
    const place = best.findIndex((one) => one.score < score);
    best.splice(place < 0 ? best.length : place, 0, { passage: Number(passage), score });
    if (best.length > CANDIDATES) best.pop();
  }
  return best;
}

const modelOf = (database: DatabaseSync): string | undefined => {
  const value = database.prepare("SELECT value FROM setting WHERE name = 'embedding model'").get()?.['value'];
  return value === undefined ? undefined : String(value);
};

function dot(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < left.length; index++) sum += left[index]! * right[index]!;
  return sum;
}
