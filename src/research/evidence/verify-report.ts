/** Checks a report sentence by sentence; has what fails repaired once, and cuts or marks what fails again. */
import type { Evidence } from '../evidence.ts';
import type { Snapshot } from '../snapshot.ts';
import { factsOf, type CitedSpan } from './cited-span.ts';
import { numericOrderOf } from './dates.ts';
import type { EvidenceStore } from './evidence-store.ts';
import { languageOf, regionOf } from './language.ts';
import { findQuotations } from './quotations.ts';
import { citedIds, replaceCitations, reportSentences, type ReportSentence, type SentenceKind } from './report-sentences.ts';
import { snapshotId } from './snapshot-store.ts';
import { checkSentence, type Reason, type SentenceContext } from './verify-sentence.ts';
import { Vocabulary } from './vocabulary.ts';

/** `connective`: a heading, a question or the opening of a list: it claims nothing that could be cited. */
export type SentenceStatus = 'verified' | 'unsupported' | 'connective';

export interface VerifiedSentence {
  /** As it stands in the Markdown, and where. */
  text: string;
  start: number;
  end: number;
  kind: SentenceKind;
  citations: readonly string[];
  status: SentenceStatus;
  reasons: readonly Reason[];
}

export interface VerifyOptions {
  evidence: EvidenceStore;
  /** BCP 47, of the report. Default: told from its words. */
  language?: string;
  /** The question: its names and numbers may stand in headings. */
  question?: string;
}

/** Checks every sentence. Changes nothing. */
export function verifyReport(markdown: string, options: VerifyOptions): VerifiedSentence[] {
  return new ReportVerifier(markdown, options).sentences(markdown);
}

/** What a report says of itself. */
export interface ReportPrecision {
  /** Sentences that claim something, as the writer gave them. */
  sentences: number;
  /** Of these, with a citation of evidence that there is. */
  cited: number;
  /** Of these, verified: at once, and after the repair. */
  verified: number;
  repaired: number;
  /** Not verified: cut, or left with a mark. */
  removed: number;
  marked: number;
}

export interface SettleOptions extends VerifyOptions {
  /**
   * Writes a sentence anew, told why it fails; undefined to give it up. Called once for each sentence that fails, in the report's order, before
   * anything is cut. May return several sentences, or Markdown with citations; all of it is checked.
   */
  repair?: (sentence: VerifiedSentence) => Promise<string | undefined>;
  /** What becomes of a sentence that fails after its repair. Default `cut`. */
  policy?: 'cut' | 'mark';
}

export interface SettledReport {
  /** What may be published: verified sentences, connectives, and with `mark` those that failed, each followed by UNSUPPORTED_MARK. */
  markdown: string;
  /** Of that Markdown, with their places in it. */
  sentences: readonly VerifiedSentence[];
  /** What was cut or marked, as it stood after its repair. */
  rejected: readonly VerifiedSentence[];
  precision: ReportPrecision;
  /** Evidence that it cites, in the order of first mention. */
  cited: readonly Evidence[];
}

/** Follows a sentence that failed and was left in. */
export const UNSUPPORTED_MARK = '[unsupported]';

export async function settleReport(markdown: string, { repair, policy = 'cut', ...options }: SettleOptions): Promise<SettledReport> {
  const verifier = new ReportVerifier(markdown, options);
  const before = verifier.sentences(markdown);
  const claims = before.filter(({ status }) => status !== 'connective');
  const rejected: VerifiedSentence[] = [];
  let repaired = 0;
  const edits: { start: number; end: number; text: string }[] = [];
  for (const sentence of before) {
    if (sentence.status !== 'unsupported') continue;
    const anew = (await repair?.(sentence))?.trim();
    const outcome = anew === undefined || anew === '' ? undefined : verifier.part(anew, sentence);
    if (anew !== undefined && outcome !== undefined && outcome.length > 0 && outcome.every(({ status }) => status !== 'unsupported') && outcome.some(({ status }) => status === 'verified' || sentence.kind === 'heading')) {
      repaired++;
      edits.push({ ...sentence, text: anew });
      continue;
    }
    const failed = outcome?.find(({ status }) => status === 'unsupported');
    rejected.push(failed === undefined || anew === undefined ? sentence : { ...sentence, text: anew, reasons: failed.reasons });
    edits.push({ ...sentence, text: policy === 'mark' && sentence.kind !== 'row' && sentence.kind !== 'code' ? `${withoutMark(sentence.text)} ${UNSUPPORTED_MARK}` : '' });
  }
  const settled = tidied(applied(markdown, edits));
  const sentences = verifier.sentences(settled);
  const marked = policy === 'mark' ? rejected.filter(({ kind }) => kind !== 'row' && kind !== 'code').length : 0;
  const verified = claims.filter(({ status }) => status === 'verified').length + repaired;
  return {
    markdown: settled,
    sentences,
    rejected,
    precision: {
      sentences: claims.length, cited: claims.filter(({ citations }) => citations.some((id) => options.evidence.get(id) !== undefined)).length,
      verified, repaired, removed: rejected.length - marked, marked,
    },
    cited: citedIds(settled).flatMap((id) => options.evidence.get(id) ?? []),
  };
}

const withoutMark = (text: string): string => text.replaceAll(UNSUPPORTED_MARK, '').trimEnd();

function applied(markdown: string, edits: readonly { start: number; end: number; text: string }[]): string {
  let out = markdown;
  for (const { start, end, text } of edits.toReversed()) {
    const after = text === '' ? out.slice(end).replace(/^ +/, '') : out.slice(end);
    out = out.slice(0, start) + text + after;
  }
  return out;
}

/** Takes away what cuts leave: empty list items, tables without rows, headings with nothing under them. */
function tidied(markdown: string): string {
  const lines = markdown
    .split('\n')
    .map((line) => line.replace(/(?<=\S) {2,}(?=\S)/g, ' ').trimEnd())
    .filter((line) => !/^[ \t]*(?:>[ \t]?)*(?:[-*+]|\d{1,9}[.)])?[ \t]*$/.test(line) || line.trim() === '');
  const kept: string[] = [];
  for (const [i, line] of lines.entries()) {
    const isTableHead = line.includes('|') && /^[ \t]*\|?[ \t:|-]+\|[ \t:|-]*$/.test(lines[i + 1] ?? '');
    if (isTableHead && lines[i + 2]?.includes('|') !== true) continue;
    const isDelimiter = /^[ \t]*\|?[ \t:|-]*-[ \t:|-]*\|[ \t:|-]*$/.test(line) && lines[i - 1]?.includes('|') === true;
    if (isDelimiter && lines[i + 1]?.includes('|') !== true) continue;
    kept.push(line);
  }
  // From the end: a heading goes when the next thing after it is a heading of its rank or above, or the end. The first heading is the title.
  const out: string[] = [];
  const rankOf = (line: string): number => /^[ \t]{0,3}(#{1,6})[ \t]/.exec(line)?.[1]?.length ?? 7;
  const first = kept.findIndex((line) => line.trim() !== '');
  for (let i = kept.length - 1; i >= 0; i--) {
    const line = kept[i] ?? '';
    const next = out.find((other) => other.trim() !== '');
    const isEmptySection = rankOf(line) < 7 && i !== first && (next === undefined || rankOf(next) <= rankOf(line));
    const opensNothing = /:\**$/.test(line.trim()) && rankOf(line) === 7 && (next === undefined || rankOf(next) < 7);
    if (!isEmptySection && !opensNothing) out.unshift(line);
  }
  return `${out.join('\n').replace(/\n{3,}/g, '\n\n').trim()}\n`;
}

/** What checking sentences needs of a report and its evidence, read once. */
export class ReportVerifier {
  readonly #options: VerifyOptions;
  /** Of the report, without region. */
  readonly language: string;
  readonly #context: SentenceContext;
  readonly #spans = new Map<string, CitedSpan | { fault: string }>();

  /** `markdown`: the report, for its language and the words that it writes in lower case. */
  constructor(markdown: string, options: VerifyOptions) {
    this.#options = options;
    this.language = languageOf(markdown, options.language);
    const vocabulary = new Vocabulary();
    vocabulary.addReport(markdown);
    const read = new Set<string>();
    for (const { snapshot: id } of options.evidence.all()) {
      const snapshot = read.has(id) ? undefined : options.evidence.snapshots.get(id);
      read.add(id);
      if (snapshot === undefined) continue;
      const language = languageOf(snapshot.text, snapshot.language);
      vocabulary.add(snapshot.text, language);
      vocabulary.add(snapshot.title, language, true);
    }
    this.#context = { language: this.language, order: numericOrderOf(markdown, this.language, { region: regionOf(options.language) }), vocabulary, names: new Map() };
  }

  sentences(markdown: string): VerifiedSentence[] {
    const all = citedIds(markdown);
    return reportSentences(markdown, this.language).map((sentence) => this.#verified(sentence, all));
  }

  /** What stands in for one sentence of the report; it has that sentence's kind. */
  part(markdown: string, { kind }: VerifiedSentence): VerifiedSentence[] {
    const all = citedIds(markdown);
    return reportSentences(markdown, this.language).map((sentence) => this.#verified(sentence.kind === 'prose' && kind !== 'code' ? { ...sentence, kind } : sentence, all));
  }

  #verified(sentence: ReportSentence, allIds: readonly string[]): VerifiedSentence {
    const citations = [...new Set(sentence.citations.flatMap(({ ids }) => ids))];
    const base = { text: sentence.source, start: sentence.start, end: sentence.end, kind: sentence.kind, citations };
    const faults = [...this.#markupFaults(sentence), ...citations.flatMap((id) => this.#faultOf(id))];
    if (sentence.kind === 'heading' && citations.length === 0) return this.#heading(sentence, base, faults, allIds);
    if (citations.length === 0) {
      const text = sentence.plain.trim();
      const { dates, codes, quantities } = factsOf(sentence.plain, this.language, this.#context.order);
      const claimsNothing = dates.length + codes.length + quantities.filter(({ doubtful }) => doubtful !== true).length + findQuotations(sentence.plain).length === 0;
      const isConnective = claimsNothing && sentence.kind !== 'code' && sentence.kind !== 'row' && (/[:：]\u200b*$/.test(text) || /[?？]\u200b*$/.test(text) && !this.#namesAnything(sentence));
      if (isConnective && faults.length === 0) return { ...base, status: 'connective', reasons: [] };
      return { ...base, status: 'unsupported', reasons: [...faults, { code: 'no-citation', found: text.slice(0, 60), message: 'The sentence cites no evidence. Add the id of the evidence that says so, such as [e1], or drop the sentence.' }] };
    }
    if (faults.length > 0) return { ...base, status: 'unsupported', reasons: faults };
    const reasons = checkSentence(sentence, (id) => this.#spanOf(id), this.#context);
    return { ...base, status: reasons.length === 0 ? 'verified' : 'unsupported', reasons };
  }

  #namesAnything({ plain }: ReportSentence): boolean {
    return /(?<=[\p{L},] )\p{Lu}/u.test(plain) && this.language !== 'de';
  }

  /** A heading's numbers, dates and codes have to be in evidence that the report cites, or in the question. */
  #heading(sentence: ReportSentence, base: Omit<VerifiedSentence, 'status' | 'reasons'>, faults: Reason[], allIds: readonly string[]): VerifiedSentence {
    const known = allIds.filter((id) => this.#faultOf(id).length === 0);
    const question = this.#options.question ?? '';
    const own: CitedSpan = { id: 'the question', quote: question, title: '', about: [], document: question, language: this.language, order: this.#context.order, facts: factsOf(question, this.language, this.#context.order) };
    const spanOf = (id: string): CitedSpan | undefined => (id === own.id ? own : this.#spanOf(id));
    const cited = { ...sentence, citations: [{ ids: [own.id, ...known], start: sentence.plain.length, end: sentence.plain.length }] };
    const reasons = [...faults, ...checkSentence(cited, spanOf, this.#context)];
    return { ...base, status: reasons.length === 0 ? 'connective' : 'unsupported', reasons };
  }

  #spanOf(id: string): CitedSpan | undefined {
    const span = this.#read(id);
    return 'fault' in span ? undefined : span;
  }

  #faultOf(id: string): Reason[] {
    const evidence = this.#options.evidence.get(id);
    if (evidence === undefined) return [{ code: 'unknown-evidence', found: id, message: `There is no evidence ${id}.` }];
    const span = this.#read(id);
    return 'fault' in span ? [{ code: 'broken-evidence', found: id, message: `Evidence ${id} cannot be used: ${span.fault}.` }] : [];
  }

  #read(id: string): CitedSpan | { fault: string } {
    const known = this.#spans.get(id);
    if (known !== undefined) return known;
    const span = readSpan(this.#options.evidence, id);
    this.#spans.set(id, span);
    return span;
  }

  /** Markup that could show what was not checked. */
  #markupFaults({ source, kind }: ReportSentence): Reason[] {
    const faults: Reason[] = [];
    const entity = /&(?:#\d+|#x[0-9a-f]+|[a-z][a-z0-9]*);/i.exec(source)?.[0];
    if (entity !== undefined) faults.push({ code: 'markup', found: entity, message: `"${entity}" hides a sign; write the sign itself.` });
    const tag = /<\/?[a-z!][^>]*>/i.exec(source)?.[0];
    if (tag !== undefined && !/^<https?:/.test(tag)) faults.push({ code: 'markup', found: tag, message: `"${tag}" is HTML; a report is plain Markdown.` });
    if (kind === 'code') faults.push({ code: 'markup', found: source.slice(0, 20), message: 'A block of code cannot be checked; write it as sentences.' });
    const link = /!?\[[^\]]*\]\([^)]*\)|!?\[[^\]]*\]\[[^\]]*\]|^\s*\[[^\]]+\]:\s*\S+|(?:https?|ftp|javascript|data):[^\s\])>]+/i.exec(replaceCitations(source, () => ''))?.[0];
    if (link !== undefined) faults.push({ code: 'link', found: link, message: `"${link}" is a link; a report cites evidence by its id and links to nothing else.` });
    return faults;
  }
}

function readSpan(store: EvidenceStore, id: string): CitedSpan | { fault: string } {
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
