/** The evidence that an episode's tools have shown, as a store that citations can be checked against. */
import { createHash } from 'node:crypto';
import type { Episode } from '../../task/episode.ts';
import { readEvidence } from '../agent/evidence-lines.ts';
import { EvidenceStore } from '../evidence/evidence-store.ts';
import { makeSnapshot } from '../evidence/snapshot-store.ts';
import type { Snapshot } from '../snapshot.ts';

/** Read off the results themselves, so that an episode from anywhere can be graded. */
export function shownEvidence({ toolResults }: Pick<Episode, 'toolResults'>): EvidenceStore {
  const snapshots = new Map<string, Snapshot>();
  const store = new EvidenceStore(snapshots);
  const shown = toolResults.filter(({ error }) => error === undefined).flatMap(({ result }) => readEvidence(result));
  for (const { id, text } of shown) {
    // Ids count up from e1; one that does not is no evidence.
    if (store.get(id) !== undefined || id !== `e${store.all().length + 1}`) continue;
    const snapshot = snapshotOf(id, text);
    snapshots.set(snapshot.id, snapshot);
    store.add({ snapshot: snapshot.id, quote: text });
  }
  return store;
}

function snapshotOf(id: string, text: string): Snapshot {
  const url = `r5:shown/${id}`;
  const contentHash = createHash('sha256').update(text).digest('hex');
  return makeSnapshot({ url, finalUrl: url, title: '', text, passages: [], retrievedAt: '1970-01-01T00:00:00.000Z', contentHash, mediaType: 'text/plain', origin: 'search-snippet' });
}
