/** The evidence of a run: spans of its snapshots, numbered e1, e2, ... in the order in which they were found. */
import { R5Error } from '../../error.ts';
import type { Evidence } from '../evidence.ts';
import type { Snapshot } from '../snapshot.ts';
import { locateQuote } from './locate-quote.ts';

/** Where evidence finds its snapshots: a SnapshotStore, or a Map in memory. */
export interface SnapshotReader {
  get(id: string): Snapshot | undefined;
}

/** A quote that somebody wants to cite. */
export interface QuoteClaim {
  snapshot: string;
  quote: string;
  question?: string;
  note?: string;
}

/**
 * Several agents share one store, hence one numbering; it depends on nothing but the order of the calls. The store keeps nothing on disk itself:
 * a run logs each new evidence as an event and gives the events back to the constructor when it goes on.
 */
export class EvidenceStore {
  readonly snapshots: SnapshotReader;
  readonly #all: Evidence[] = [];
  readonly #byId = new Map<string, Evidence>();
  readonly #bySpan = new Map<string, Evidence>();

  /** `known`: evidence of a log, in its order. Throws R5Error when it does not fit the snapshots. */
  constructor(snapshots: SnapshotReader, known: readonly Evidence[] = []) {
    this.snapshots = snapshots;
    for (const evidence of known) {
      const fault = this.#faultOf(evidence);
      if (fault !== undefined) throw new R5Error(`evidence ${evidence.id} cannot be taken up again: ${fault}.`);
      this.#keep(evidence);
    }
  }

  /**
   * Makes evidence of a quote: the exact span of the snapshot that it repeats (see locateQuote). Undefined when the quote is not in
   * the snapshot; then there is no evidence. A span that is evidence already keeps its id. Throws R5Error when there is no such snapshot.
   */
  add({ snapshot: id, quote, question, note }: QuoteClaim): Evidence | undefined {
    const snapshot = this.snapshots.get(id);
    if (snapshot === undefined) throw new R5Error(`there is no snapshot ${id}; a quote can only be taken from a page or file that was read.`);
    const span = locateQuote(snapshot.text, quote);
    if (span === undefined) return undefined;
    const known = this.#bySpan.get(spanKey(id, span.start, span.end));
    if (known !== undefined) return known;
    const evidence: Evidence = {
      id: `e${this.#all.length + 1}`,
      snapshot: id,
      ...span,
      quote: snapshot.text.slice(span.start, span.end),
      ...(question === undefined ? {} : { question }),
      ...(note === undefined ? {} : { note }),
    };
    this.#keep(evidence);
    return evidence;
  }

  get(id: string): Evidence | undefined {
    return this.#byId.get(id);
  }

  /** In the order of their numbers. */
  all(): readonly Evidence[] {
    return this.#all;
  }

  /** The snapshot that holds the span of `evidence` word for word, or the reason why there is none. */
  source(evidence: Evidence): Snapshot | { fault: string } {
    const snapshot = this.snapshots.get(evidence.snapshot);
    if (snapshot === undefined) return { fault: `there is no snapshot ${evidence.snapshot}` };
    const { start, end, quote } = evidence;
    const isSpan = Number.isInteger(start) && start >= 0 && start < end && snapshot.text.slice(start, end) === quote;
    return isSpan ? snapshot : { fault: `its quote is not at ${start} to ${end} of snapshot ${evidence.snapshot}` };
  }

  #faultOf(evidence: Evidence): string | undefined {
    if (evidence.id !== `e${this.#all.length + 1}`) return `it should be e${this.#all.length + 1}, the next number`;
    const source = this.source(evidence);
    return 'fault' in source ? source.fault : undefined;
  }

  #keep(evidence: Evidence): void {
    this.#all.push(evidence);
    this.#byId.set(evidence.id, evidence);
    this.#bySpan.set(spanKey(evidence.snapshot, evidence.start, evidence.end), evidence);
  }
}

const spanKey = (snapshot: string, start: number, end: number): string => `${snapshot} ${start} ${end}`;
