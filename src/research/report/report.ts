/** A finished report, with all that its renderings show: nothing else is read to write them. */
import type { ReportPrecision } from '../evidence/settle-report.ts';
import type { Evidence } from '../evidence.ts';
import type { Snapshot } from '../snapshot.ts';

export interface Report {
  question: string;
  title: string;
  /** BCP 47: of the question, the report and the fixed words around it. */
  language: string;
  /** ISO 8601, UTC: when it was finished. */
  createdAt: string;
  /** As settleReport returned it, with citations such as [e3]. A first heading that repeats the title is left out. */
  markdown: string;
  /** All that it cites, and may be more; looked up by id. */
  evidence: readonly Evidence[];
  /** Snapshots of the evidence. */
  snapshots: readonly Snapshot[];
  precision: ReportPrecision;
  /** In one word, such as `complete` or `partial`, and why. */
  outcome?: string;
  reasons?: readonly string[];
  /** What a model said of the verified sentences, where one was asked; apart from what code found. */
  entailment?: {
    model: string;
    /** Asked about, and judged supported. */
    sentences: number;
    supported: number;
    /** The others. */
    doubted: readonly string[];
  };
}
