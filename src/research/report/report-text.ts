/** Lines that several renderings share. */
import type { Report } from './report.ts';
import { hasWords, reportWords } from './report-words.ts';

/** What the report says of its own check: "12 sentences, 12 cited, 11 verified, 1 removed". */
export function precisionLine({ language, precision, entailment }: Pick<Report, 'language' | 'precision' | 'entailment'>): string {
  const words = reportWords(language);
  const fill = (text: string, ...values: (number | string)[]): string => text.replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)] ?? ''));
  return [
    fill(words.precision, precision.sentences, precision.cited, precision.verified),
    fill(words.removed, precision.removed),
    ...(precision.marked > 0 ? [fill(words.marked, precision.marked)] : []),
    ...(entailment === undefined ? [] : [fill(words.judged, entailment.supported, entailment.sentences, entailment.model)]),
  ].join(', ');
}

/** A date as the report's language writes it; as it is where it is no date. */
export function shownDate(iso: string, language: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const locale = hasWords(language) ? language : 'en';
  const isYear = /^\d{4}$/.test(iso);
  const isMonth = /^\d{4}-\d{2}$/.test(iso);
  return new Intl.DateTimeFormat(locale, isYear ? { year: 'numeric', timeZone: 'UTC' } : isMonth ? { year: 'numeric', month: 'long', timeZone: 'UTC' } : { dateStyle: 'long', timeZone: 'UTC' }).format(date);
}
