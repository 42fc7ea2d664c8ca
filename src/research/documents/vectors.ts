/** Vectors of an index's passages: made for what has none yet, and compared with a question's, all of them, so that nothing is missed. */
import type { DatabaseSync } from 'node:sqlite';
import { R5Error } from '../../error.ts';
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
    const vectors = await embedder.embed(rows.map(({ title, text }) => `${title}\n${text}`), 'passage', { signal });
    database.exec('BEGIN IMMEDIATE');
    rows.forEach(({ id }, index) => add.run(Number(id), new Uint8Array(Float32Array.from(vectors[index] ?? []).buffer)));
    database.exec('COMMIT');
    made += rows.length;
    after = Number(rows.at(-1)?.['id']);
  }
}

/** The passages whose vectors are closest to the question's. Throws R5Error where the index holds no vectors of this model. */
export async function rankByVector(database: DatabaseSync, question: string, { embedder, signal }: { embedder: Embedder; signal: AbortSignal }): Promise<ScoredPassage[]> {
  const model = modelOf(database);
  if (model !== embedder.model) throw new R5Error(`The index holds vectors of ${model ?? 'no model'}, not of ${embedder.model}. Make them with: r5 index <folder> --embeddings ${embedder.model}`);
  const [wanted] = await embedder.embed([question], 'question', { signal });
  if (wanted === undefined) return [];
  const best: ScoredPassage[] = [];
  for (const { passage, value } of database.prepare('SELECT passage, value FROM vector').iterate()) {
    if (!(value instanceof Uint8Array)) continue;
    const score = dot(wanted, new Float32Array(value.buffer, value.byteOffset, value.byteLength / 4));
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
  for (let index = 0; index < left.length; index++) sum += left[index]! * (right[index] ?? 0);
  return sum;
}
