/** A piece of evidence as a span with its facts, when its snapshot is what it says it is. */
import type { Evidence } from '../evidence.ts';
import type { Snapshot } from '../snapshot.ts';
import { factsOf, type CitedSpan } from './cited-span.ts';
import { numericOrderOf } from './dates.ts';
import type { EvidenceStore } from './evidence-store.ts';
import { languageOf, regionOf } from './language.ts';
import { snapshotId } from './snapshot-store.ts';

/** `fault`: why it cannot be used, in words. */
export function readSpan(store: EvidenceStore, id: string): CitedSpan | { fault: string } {
  const evidence = store.get(id);
  if (evidence === undefined) return { fault: 'there is none of that id' };
  const snapshot = store.source(evidence);
  if ('fault' in snapshot) return snapshot;
  if (snapshotId(snapshot.finalUrl, snapshot.text) !== snapshot.id || snapshot.id !== evidence.snapshot) {
    return { fault: `the address and text of snapshot ${evidence.snapshot} do not give its hash` };
  }
  const language = languageOf(snapshot.text, snapshot.language);
  const host = hostOf(snapshot.finalUrl);
  const order = numericOrderOf(snapshot.text, language, { region: regionOf(snapshot.language), host });
  return {
    id, quote: evidence.quote, title: snapshot.title, about: aboutOf(snapshot, evidence, host), document: snapshot.text, language, order,
    facts: factsOf(evidence.quote, language, order),
    ...(snapshot.publishedAt === undefined ? {} : { publishedAt: snapshot.publishedAt }),
  };
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname || undefined : undefined;
}

function aboutOf(snapshot: Snapshot, { start, end }: Evidence, host: string | undefined): string[] {
  const headings = snapshot.passages.filter((passage) => passage.start < end && passage.end > start).flatMap((passage) => passage.headings);
  return [snapshot.byline, snapshot.siteName, host?.split('.').slice(0, -1).join(' '), ...headings].flatMap((text) => (text === undefined || text === '' ? [] : [text]));
}
