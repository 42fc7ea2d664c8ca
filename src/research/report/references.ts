/** The sources of a report, numbered in the order in which they are first cited. */
import { citedIds } from '../evidence/report-sentences.ts';
import type { Evidence } from '../evidence.ts';
import type { Snapshot } from '../snapshot.ts';
import { R5Error } from '../../error.ts';
import type { Report } from './report.ts';

export interface Reference {
  number: number;
  snapshot: Snapshot;
  /** What is cited of it, in the order of first mention. */
  evidence: Evidence[];
}

export interface References {
  list: readonly Reference[];
  /** By the id of an evidence. */
  byEvidence: ReadonlyMap<string, Reference>;
}

/** Throws R5Error for a citation without evidence, or evidence without its snapshot: such a report was not verified. */
export function referencesOf({ markdown, evidence, snapshots }: Pick<Report, 'markdown' | 'evidence' | 'snapshots'>): References {
  const list: Reference[] = [];
  const byEvidence = new Map<string, Reference>();
  for (const id of citedIds(markdown)) {
    const cited = evidence.find((one) => one.id === id);
    if (cited === undefined) throw new R5Error(`the report cites ${id}, and there is no evidence ${id}; render a report that settleReport returned.`);
    const snapshot = snapshots.find((one) => one.id === cited.snapshot);
    if (snapshot === undefined) throw new R5Error(`the report cites ${id}, whose snapshot ${cited.snapshot} was not given.`);
    let reference = list.find((one) => one.snapshot.id === snapshot.id);
    if (reference === undefined) {
      reference = { number: list.length + 1, snapshot, evidence: [] };
      list.push(reference);
    }
    reference.evidence.push(cited);
    byEvidence.set(id, reference);
  }
  return { list, byEvidence };
}

/** The headings above the evidence, outermost first, and its page, where the document has them. */
export function placeOf(snapshot: Snapshot, { start, end }: Evidence): { headings: readonly string[]; page?: number } {
  const passage = snapshot.passages.find((one) => one.start < end && one.end > start);
  return { headings: passage?.headings ?? [], ...(passage?.page === undefined ? {} : { page: passage.page }) };
}

/** How much of the document is shown on each side of a quote. */
const CONTEXT_CHARACTERS = 180;

/** The words before and after a quote, cut at a space, with dots where more follows. */
export function contextOf({ text }: Snapshot, { start, end }: Evidence): { before: string; after: string } {
  const from = Math.max(0, start - CONTEXT_CHARACTERS);
  const to = Math.min(text.length, end + CONTEXT_CHARACTERS);
  const before = from === 0 ? text.slice(0, start) : `… ${text.slice(from, start).replace(/^\S*\s+/, '')}`;
  const after = to === text.length ? text.slice(end) : `${text.slice(end, to).replace(/\s+\S*$/, '')} …`;
  return { before: before.replace(/\s+/g, ' ').trimStart(), after: after.replace(/\s+/g, ' ').trimEnd() };
}

/** The address where a person can look: only of the web. Undefined for anything else, such as files and `javascript:`. */
export function webAddress({ finalUrl }: Snapshot): string | undefined {
  if (!URL.canParse(finalUrl)) return undefined;
  const url = new URL(finalUrl);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined;
}

/** Where a source comes from, in few words: its site's name or host, the file's name, or an address that is neither. */
export function siteOf(snapshot: Snapshot): string {
  const address = webAddress(snapshot);
  if (address !== undefined) return snapshot.siteName ?? new URL(address).hostname.replace(/^www\./, '');
  if (!/^file:/i.test(snapshot.finalUrl) || !URL.canParse(snapshot.finalUrl)) return snapshot.finalUrl;
  const name = new URL(snapshot.finalUrl).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(name) || snapshot.finalUrl;
  } catch (error) {
    // A name with a stray percent sign is shown as it is written.
    if (error instanceof URIError) return name;
    throw error;
  }
}

/** What to call a source: its title, else where it comes from. */
export const nameOf = (snapshot: Snapshot): string => snapshot.title.trim() || siteOf(snapshot);

/** Where a source comes from, unless its name says so already; to stand behind the name. */
export const besideName = (snapshot: Snapshot): string[] => (siteOf(snapshot) === nameOf(snapshot) ? [] : [siteOf(snapshot)]);

/** The Markdown without a first heading that says the title again. */
export function bodyOf({ markdown, title }: Pick<Report, 'markdown' | 'title'>): string {
  const [, heading = '', rest = ''] = /^\s*#[ \t]+([^\n]*)\n?([\s\S]*)$/.exec(markdown) ?? [];
  return heading.trim() === title.trim() ? rest.trim() : markdown.trim();
}
