/** A report as JSON, for programs: the text as it cites, each source, and each quote with its exact place. */
import { contextOf, placeOf, referencesOf } from './references.ts';
import type { Report } from './report.ts';

/** Throws R5Error for a report that cites what is not there. */
export function reportToJson(report: Report): string {
  const { question, title, language, createdAt, markdown, precision, entailment, outcome, reasons } = report;
  const sources = referencesOf(report).list.map(({ number, snapshot, evidence }) => ({
    number,
    snapshot: snapshot.id,
    url: snapshot.finalUrl,
    title: snapshot.title,
    byline: snapshot.byline,
    site: snapshot.siteName,
    published: snapshot.publishedAt,
    retrieved: snapshot.retrievedAt,
    contentHash: snapshot.contentHash,
    mediaType: snapshot.mediaType,
    origin: snapshot.origin,
    evidence: evidence.map((one) => ({ id: one.id, start: one.start, end: one.end, quote: one.quote, ...contextOf(snapshot, one), ...placeOf(snapshot, one) })),
  }));
  return `${JSON.stringify({ format: 1, question, title, language, createdAt, outcome, reasons, precision, entailment, markdown, sources }, null, 2)}\n`;
}
