/** Whether a span holds a date of a sentence. */
import type { CitedSpan } from './cited-span.ts';
import { weekdayOf, type DateFact } from './dates.ts';
import { toNumber } from './decimal.ts';

/** Words near a date that say that it is the document's own. */
export const PUBLICATION = /publi|report(?:ed|s)?\b|article|study|survey|paper|press release|wrote|written|accord|updated|posted|veröffentlich|bericht|studie|artikel|laut|umfrage|étude|article|selon|paru|rapport|estudio|según|informe|artículo|studio|secondo|rapporto|estudo|segundo|relatório|onderzoek|gepubliceerd|volgens/iu;

export function holdsDate(span: CitedSpan, date: DateFact, text: string): boolean {
  if (date.weekday !== undefined) {
    return span.facts.dates.some((other) => other.weekday === date.weekday || weekdayOf(other) === date.weekday);
  }
  if (date.ambiguous !== undefined) return span.facts.dates.some(({ ambiguous }) => ambiguous === date.ambiguous);
  if (span.facts.dates.some((other) => includesDate(other, date, span))) return true;
  const around = text.slice(Math.max(0, date.start - 60), date.end + 40);
  const published = PUBLICATION.test(around) ? publicationDate(span) : undefined;
  return published !== undefined && includesDate(published, date, span);
}

/** All parts of `wanted` are in `held`; a missing year may stand before it in the span. */
function includesDate(held: DateFact, wanted: DateFact, span: CitedSpan): boolean {
  if (held.weekday !== undefined || held.ambiguous !== undefined) return false;
  if (wanted.month !== undefined && wanted.month !== held.month) return false;
  if (wanted.day !== undefined && wanted.day !== held.day) return false;
  if (wanted.year === undefined || wanted.year === held.year) return true;
  return held.year === undefined && wanted.year === yearOf(held, span);
}

/** The year that a date without one belongs to: the last before it in the span, else the document's own. */
function yearOf(date: DateFact, span: CitedSpan): number | undefined {
  const years = [
    ...span.facts.quantities.filter(({ yearLike }) => yearLike === true).map(({ start, value }) => ({ start, year: toNumber(value) })),
    ...span.facts.dates.flatMap(({ start, year }) => (year === undefined ? [] : [{ start, year }])),
  ].toSorted((a, b) => a.start - b.start);
  return (years.findLast(({ start }) => start < date.start) ?? years[0])?.year ?? publicationDate(span)?.year;
}

export function publicationDate({ publishedAt }: CitedSpan): DateFact | undefined {
  const [, year, month, day] = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?/.exec(publishedAt ?? '') ?? [];
  if (year === undefined) return undefined;
  return { start: 0, end: 0, year: Number(year), ...(month === undefined ? {} : { month: Number(month) }), ...(day === undefined ? {} : { day: Number(day) }) };
}
