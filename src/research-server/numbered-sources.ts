import { referencesOf } from '../research/report/references.ts';
import type { ResearchResult } from '../research/loop/research-result.ts';
import { reportOf } from '../research/loop/result-report.ts';

export interface NumberedSource {
  /** As the report cites it: `[1]`. */
  number: number;
  url: string;
  title: string;
  /** ISO 8601, UTC. */
  retrievedAt: string;
}

/** The sources that the report cites, in its numbers; none where there is no report. */
export function numberedSources(result: ResearchResult): NumberedSource[] {
  const report = reportOf(result);
  if (report === undefined) return [];
  return referencesOf(report).list.map(({ number, snapshot }) => ({ number, url: snapshot.finalUrl, title: snapshot.title, retrievedAt: snapshot.retrievedAt }));
}
