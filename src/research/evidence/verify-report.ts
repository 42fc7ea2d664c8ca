/** Checks a report sentence by sentence. */
import { factsOf, type CitedSpan } from './cited-span.ts';
import { numericOrderOf } from './dates.ts';
import type { EvidenceStore } from './evidence-store.ts';
import { languageOf, regionOf } from './language.ts';
import { findQuotations } from './quotations.ts';
import { readSpan } from './read-span.ts';
import { citedIds, replaceCitations, reportSentences, type ReportSentence, type SentenceKind } from './report-sentences.ts';
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
