/** Checks one sentence of a report against the evidence that it cites. Pure code: no model, no network. */
import { blanked } from './blanked.ts';
import { findCapitalWords, nameSequences, type CapitalWord } from './capital-words.ts';
import { factsOf, idList, type CitedSpan, type SentenceFacts } from './cited-span.ts';
import type { NumericOrder } from './dates.ts';
import { unreadNumbers } from './digits.ts';
import { locateQuote } from './locate-quote.ts';
import { NameSource } from './name-source.ts';
import { checkNames, type NameFault } from './names.ts';
import { polarityFault, wrongFirst } from './polarity.ts';
import { findShares, holdsShare } from './shares.ts';
import { findQuotations, type Quotation } from './quotations.ts';
import { unrelatedSpans } from './relatedness.ts';
import type { ReportSentence } from './report-sentences.ts';
import { holdsDate } from './support-of-dates.ts';
import { changeTurned, holdsCode, holdsQuantity, isIdiom, isRomanHeld, isStrong } from './support-of-numbers.ts';
import type { Vocabulary } from './vocabulary.ts';

export type ReasonCode =
  | 'no-citation' | 'unknown-evidence' | 'broken-evidence' | 'quotation' | 'number' | 'date' | 'name' | 'negation' | 'direction' | 'unrelated' | 'markup' | 'link';

/** Why a sentence is not verified. */
export interface Reason {
  code: ReasonCode;
  /** What in the sentence it is about. */
  found: string;
  /** For a person, and for a model that shall write the sentence anew. */
  message: string;
}

export interface SentenceContext {
  /** Of the report. */
  language: string;
  order: NumericOrder;
  vocabulary: Vocabulary;
  /** Names of spans that were read before, by the spans' ids. */
  names: Map<string, NameSource>;
}

/** A stretch of the sentence with the spans that it cites; a sentence may cite in several places. */
interface Clause {
  start: number;
  end: number;
  spans: CitedSpan[];
}

/** Why the sentence is not verified; nothing when it is. `spanOf` gives the span of an id; ids without one are reported elsewhere. */
export function checkSentence(sentence: ReportSentence, spanOf: (id: string) => CitedSpan | undefined, context: SentenceContext): Reason[] {
  return new SentenceChecker(sentence, spanOf, context).check();
}

class SentenceChecker {
  readonly #sentence: ReportSentence;
  readonly #context: SentenceContext;
  readonly #text: string;
  readonly #clauses: readonly Clause[];
  readonly #everySpan: readonly CitedSpan[];
  readonly #facts: SentenceFacts;
  readonly #quotations: readonly Quotation[];
  readonly #reasons: Reason[] = [];
  /** How many facts of the sentence each span holds. */
  readonly #hits = new Map<string, number>();
  /** The facts that the spans hold, weighed: one number above twelve is enough to tie a sentence to a span, a "two" is not. */
  #strong = 0;

  constructor(sentence: ReportSentence, spanOf: (id: string) => CitedSpan | undefined, context: SentenceContext) {
    this.#sentence = sentence;
    this.#context = context;
    this.#text = sentence.plain;
    this.#clauses = clausesOf(sentence, spanOf);
    this.#everySpan = [...new Map(this.#clauses.flatMap(({ spans }) => spans).map((span) => [span.id, span])).values()];
    this.#facts = factsOf(this.#text, context.language, context.order);
    this.#quotations = findQuotations(this.#text);
  }

  check(): Reason[] {
    this.#checkQuotations();
    this.#checkDates();
    this.#checkCodes();
    this.#checkQuantities();
    this.#checkUnreadNumbers();
    this.#checkShares();
    if (this.#sentence.kind === 'heading') return this.#reasons;
    this.#checkNames();
    const { dates, codes, quantities } = this.#facts;
    const sameLanguage = this.#everySpan.every(({ language }) => language === this.#context.language);
    if (sameLanguage && this.#everySpan.length > 0) this.#checkPolarity();
    if (this.#reasons.length > 0) return this.#reasons;
    return unrelatedSpans(this.#text, this.#everySpan, { hits: this.#hits, strong: this.#strong, sameLanguage, blank: [...dates, ...codes, ...quantities] });
  }

  #credit(spans: readonly CitedSpan[], weight: number): void {
    this.#strong += weight;
    for (const { id } of spans) this.#hits.set(id, (this.#hits.get(id) ?? 0) + 1);
  }

  #spansAt(at: number): readonly CitedSpan[] {
    const clause = this.#clauses.find(({ start, end }) => at >= start && at < end) ?? this.#clauses.at(-1);
    return clause?.spans ?? [];
  }

  /** What is quoted is checked as a quotation, word for word, and not again as numbers and names. */
  #isQuoted(at: number): boolean {
    return this.#quotations.some(({ start, end }) => at >= start && at < end);
  }

  #checkQuotations(): void {
    for (const { start, end, quote } of this.#quotations) {
      const holders = this.#everySpan.filter((span) => [span.quote, span.title].some((source) => locateQuote(source, quote) !== undefined));
      if (holders.length > 0) this.#credit(holders, 1);
      else {
        const found = this.#text.slice(start, end);
        this.#reasons.push({ code: 'quotation', found, message: `The words in quotation marks ${found} are not in ${idList(this.#everySpan)}. Quote word for word, or drop the quotation marks.` });
      }
    }
  }

  #checkDates(): void {
    for (const date of this.#facts.dates) {
      if (this.#isQuoted(date.start)) continue;
      const spans = this.#spansAt(date.start);
      const holders = spans.filter((span) => holdsDate(span, date, this.#text));
      const found = this.#text.slice(date.start, date.end);
      if (holders.length > 0) this.#credit(holders, date.year === undefined && date.day === undefined ? 0.5 : 1);
      else this.#reasons.push({ code: 'date', found, message: `The date "${found}" is not in ${idList(spans)}.` });
    }
  }

  #checkCodes(): void {
    for (const code of this.#facts.codes) {
      if (this.#isQuoted(code.start)) continue;
      const spans = this.#spansAt(code.start);
      const holders = spans.filter((span) => holdsCode(span, code));
      if (holders.length > 0) this.#credit(holders, 1);
      else this.#reasons.push({ code: 'name', found: code.written, message: `"${code.written}" is not in ${idList(spans)} or the title.` });
    }
  }

  #checkQuantities(): void {
    for (const quantity of this.#facts.quantities) {
      if (this.#isQuoted(quantity.start) || quantity.doubtful === true || isIdiom(this.#text, quantity)) continue;
      const spans = this.#spansAt(quantity.start);
      const header = this.#sentence.cells?.find(({ start, end }) => quantity.start >= start && quantity.start < end)?.header ?? '';
      const verdicts = spans.map((span) => ({ span, verdict: holdsQuantity(span, quantity, { text: this.#text, header, language: this.#context.language, quantities: this.#facts.quantities }) }));
      const holders = verdicts.filter(({ verdict }) => verdict === true).map(({ span }) => span);
      const turned = verdicts.flatMap(({ verdict }) => (typeof verdict === 'string' ? [verdict] : []))[0];
      const found = quantity.written.trim();
      if (holders.length > 0) this.#credit(holders, isStrong(quantity) ? 1 : 0.3);
      else if (turned !== undefined) this.#reasons.push({ code: 'direction', found, message: turned });
      else this.#reasons.push({ code: 'number', found, message: `The number "${found}" is not in ${idList(spans)}; each number has to stand in the cited evidence with the same value and unit.` });
    }
  }

  /** What cannot be read as a number has to stand in the evidence as it is. */
  #checkUnreadNumbers(): void {
    for (const { start, end } of unreadNumbers(this.#text)) {
      if (this.#isQuoted(start)) continue;
      const found = this.#text.slice(start, end);
      const spans = this.#spansAt(start);
      if (!spans.some(({ quote }) => locateQuote(quote, found) !== undefined)) this.#reasons.push({ code: 'number', found, message: `"${found}" is not in ${idList(spans)}; write numbers in plain digits, as the evidence has them.` });
    }
  }

  #checkShares(): void {
    for (const share of findShares(this.#text, this.#context.language)) {
      if (this.#isQuoted(share.start)) continue;
      const spans = this.#spansAt(share.start);
      const found = this.#text.slice(share.start, share.end);
      const holders = spans.filter((span) => holdsShare(span, share, this.#text));
      if (holders.length > 0) this.#credit(holders, share.value === 0.5 ? 0.3 : 1);
      else if (spans.length > 0) this.#reasons.push({ code: 'number', found, message: `The share "${found}" is not in ${idList(spans)}.` });
    }
  }

  #checkNames(): void {
    const { dates, codes, quantities } = this.#facts;
    const numbers = quantities.filter(({ maybeOrdinal, written }) => maybeOrdinal !== true || /\d/.test(written));
    const masked = blanked(this.#text, [...dates, ...codes, ...this.#quotations, ...numbers]);
    for (const sequence of nameSequences(findCapitalWords(masked), this.#context.language)) this.#checkSequence(sequence);
    if (['zh', 'ja'].includes(this.#context.language)) return;
    for (const [name] of masked.matchAll(/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]{2,}/gu)) {
      const holders = this.#everySpan.filter(({ quote, title }) => quote.includes(name) || title.includes(name));
      if (holders.length > 0) this.#credit(holders, 0);
      else this.#reasons.push({ code: 'name', found: name, message: `"${name}" is not in ${idList(this.#everySpan)}.` });
    }
  }

  #checkSequence(sequence: readonly CapitalWord[]): void {
    const spans = this.#spansAt(sequence[0]?.start ?? 0);
    let faults = this.#namesIn(sequence, spans).faults;
    // It may be a name of another clause of the same sentence.
    if (faults.length > 0 && this.#everySpan.length > spans.length && this.#namesIn(sequence, this.#everySpan).faults.length === 0) faults = [];
    for (const span of this.#everySpan) if (this.#namesIn(sequence, [span]).matched > 0) this.#credit([span], 0);
    for (const fault of faults) {
      const previous = sequence[sequence.findIndex(({ start }) => start === fault.start) - 1]?.written;
      if (!isRomanHeld(fault.written, previous, this.#everySpan)) this.#reasons.push({ code: 'name', found: fault.written, message: nameMessage(fault, spans) });
    }
  }

  #namesIn(sequence: readonly CapitalWord[], spans: readonly CitedSpan[]): { faults: NameFault[]; matched: number } {
    const { vocabulary, language, names } = this.#context;
    const sourceLanguage = spans[0]?.language ?? language;
    const key = spans.map(({ id }) => id).join(' ');
    const source = names.get(key) ?? new NameSource(spans.flatMap(({ quote, title, about }) => [quote, title, ...about]), spans.map(({ document }) => document), sourceLanguage);
    names.set(key, source);
    return checkNames(sequence, { source, vocabulary, language, sourceLanguage });
  }

  #checkPolarity(): void {
    const bare = blanked(this.#text, [...this.#facts.dates, ...this.#quotations]);
    const sources = this.#everySpan.map(({ quote }) => quote).join(' . ');
    const fault = polarityFault(bare, sources) ?? wrongFirst(bare, sources) ?? changeTurned(this.#text, this.#facts.quantities, this.#everySpan);
    if (fault !== undefined) this.#reasons.push({ code: 'negation', found: fault, message: `The sentence turns its source round: ${fault}.` });
  }
}

function nameMessage({ written, kind, instead }: NameFault, spans: readonly CitedSpan[]): string {
  if (kind === 'crossed') return `"${written}" joins two names that are not together in ${idList(spans)}.`;
  if (kind === 'misspelt') return `"${written}" is not in ${idList(spans)}, which says "${instead}".`;
  return `The name "${written}" is not in ${idList(spans)} or the titles of the documents.`;
}

function clausesOf(sentence: ReportSentence, spanOf: (id: string) => CitedSpan | undefined): Clause[] {
  const clauses: Clause[] = [];
  let start = 0;
  for (const citation of sentence.citations) {
    const spans = citation.ids.flatMap((id) => {
      const span = spanOf(id);
      return span === undefined ? [] : [span];
    });
    const last = clauses.at(-1);
    if (last !== undefined && !/[\p{L}\p{N}]/u.test(sentence.plain.slice(start, citation.start))) last.spans.push(...spans);
    else clauses.push({ start, end: citation.end, spans });
    start = citation.end;
  }
  const last = clauses.at(-1);
  if (last !== undefined) last.end = sentence.plain.length;
  return clauses;
}
