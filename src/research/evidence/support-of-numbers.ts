/** Whether a span holds a number of a sentence, with its unit, and says the same of it. */
import type { CitedSpan } from './cited-span.ts';
import type { Code } from './codes.ts';
import { sameDecimal, toNumber, type Decimal } from './decimal.ts';
import { folded } from './language.ts';
import { boundBefore, directionNear, endOfChange, isEndOfChange, isNearly, isRounded } from './polarity.ts';
import { findQuantities } from './quantities.ts';
import type { Quantity } from './quantity.ts';
import { findShares } from './shares.ts';
import { publicationDate, PUBLICATION } from './support-of-dates.ts';

/** A word that counts nothing: "one of the", "no one", "second to none". */
export function isIdiom(text: string, { start, end, value, kind }: Quantity): boolean {
  const after = text.slice(end, end + 12);
  const before = text.slice(Math.max(0, start - 12), start);
  if (kind === 'ordinal' && value.mantissa === 2n && value.exponent === 0 && /^ to none/i.test(after)) return true;
  // The numbers of a list or of sections: "(1)", "2)" at the start.
  return after.startsWith(')') && /(?:^|\()$/.test(before.trim()) && value.exponent === 0 && value.mantissa < 20n;
}

export const isStrong = ({ value, unit, kind }: Quantity): boolean => unit !== undefined || kind === 'decade' || Math.abs(toNumber(value)) > 12 || value.exponent < 0;

export interface SentenceOfQuantity {
  text: string;
  /** Of the column, for a cell of a table. */
  header: string;
  language: string;
  /** All of the sentence. */
  quantities: readonly Quantity[];
}

/** True, false, or why the source says otherwise of the same number. */
export function holdsQuantity(span: CitedSpan, wanted: Quantity, { text, header, language, quantities }: SentenceOfQuantity): boolean | string {
  const readings = [{ value: wanted.value, unit: wanted.unit }, ...(wanted.shared ?? [])];
  let direction: string | undefined;
  for (const held of span.facts.quantities) {
    const heldReadings = [{ value: held.value, unit: held.unit }, ...(held.shared ?? [])];
    const fits = readings.some((reading) => heldReadings.some((other) => fit(reading, other, { wanted, held, text, span, header, quantities })));
    if (!fits) continue;
    const fault = span.language === language ? turnedRound(wanted, held, text, span) : undefined;
    if (fault === undefined) return true;
    direction = fault;
  }
  if (direction !== undefined) return direction;
  if (wanted.unit?.kind === 'percent' && findShares(span.quote, span.language, true).some(({ value }) => Math.abs(value * 100 - toNumber(wanted.value)) < 0.5)) return true;
  if (wanted.yearLike === true || wanted.kind === 'decade') {
    const year = toNumber(wanted.value);
    if (wanted.yearLike === true && span.facts.dates.some((date) => date.year === year)) return true;
    if (wanted.yearLike === true && PUBLICATION.test(text.slice(Math.max(0, wanted.start - 60), wanted.end + 40)) && publicationDate(span)?.year === year) return true;
  }
  return inCode(span, wanted, text) || inTitle(span, wanted, text);
}

interface FitContext {
  wanted: Quantity;
  held: Quantity;
  text: string;
  span: CitedSpan;
  header: string;
  quantities: readonly Quantity[];
}

interface Reading {
  value: Decimal;
  unit?: Quantity['unit'];
}

function fit(reading: Reading, other: Reading, { wanted, held, text, span, header, quantities }: FitContext): boolean {
  if (!sameKind(wanted, held)) return false;
  // Elizabeth II supports "Elizabeth 2", and no other two.
  if (wanted.kind === 'number' && held.kind === 'ordinal' && /^[MDCLXVI]/.test(held.written) && !samePrevious(text, wanted.start, span.quote, held.start)) return false;
  if (!sameUnit(reading, other, header) && !isElliptic(reading, other, { wanted, text, quantities })) return false;
  const value = reading.unit === undefined && other.unit !== undefined ? { mantissa: reading.value.mantissa, exponent: reading.value.exponent + other.unit.factor.exponent } : reading.value;
  if (sameDecimal(value, other.value)) return true;
  const opposite = { mantissa: -value.mantissa, exponent: value.exponent };
  // "fell by 5 %" where a table says −5 %, and the other way round.
  if (sameDecimal(opposite, other.value)) {
    const [positiveText, positive] = value.mantissa < 0n ? [span.quote, held] : [text, wanted];
    // What something fell to, or from, is no fall.
    if (isEndOfChange(positiveText, positive.start)) return false;
    const said = directionNear(positiveText, positive.start, positive.end);
    return said === 'down' || /\b(?:minus|below zero|unter null|negativ)/iu.test(value.mantissa < 0n ? span.quote : text);
  }
  return isRounded(text, wanted.start) && roundsTo(other.value, value, { bound: boundBefore(text, wanted.start), isNear: isNearly(text, wanted.start) });
}

const wordBefore = (text: string, at: number): string => folded(/(\p{L}+)[\s-]+$/u.exec(text.slice(Math.max(0, at - 40), at))?.[1] ?? '');

const samePrevious = (text: string, at: number, source: string, sourceAt: number): boolean => wordBefore(text, at) !== '' && wordBefore(text, at) === wordBefore(source, sourceAt);

function sameKind(wanted: Quantity, held: Quantity): boolean {
  if (wanted.kind === held.kind) return true;
  if (wanted.kind === 'ordinal' || held.kind === 'ordinal') {
    const [ordinal, other] = wanted.kind === 'ordinal' ? [wanted, held] : [held, wanted];
    return other.kind === 'number' && (ordinal.maybeOrdinal === true || other.maybeOrdinal === true);
  }
  return false;
}

function sameUnit({ unit: wanted }: Reading, { unit: held }: Reading, header: string): boolean {
  if (wanted === undefined && held === undefined) return true;
  if (wanted === undefined) return held?.soft === true || (held !== undefined && header !== '' && headerNames(header, held.kind));
  if (held === undefined) return wanted.soft;
  if (wanted.kind === held.kind) return true;
  return wanted.kind === 'degree' && ['celsius', 'fahrenheit'].includes(held.kind);
}

/** "from 3,100 tonnes in 1975 to 870 in 2015": a bare number, beside which nothing is counted, may have the unit of another of its sentence. */
function isElliptic({ unit }: Reading, { unit: held }: Reading, { wanted, text, quantities }: Pick<FitContext, 'wanted' | 'text' | 'quantities'>): boolean {
  if (unit !== undefined || held === undefined || wanted.yearLike === true || !quantities.some((other) => other !== wanted && other.unit?.kind === held.kind)) return false;
  return endOfChange(text, wanted.start) !== undefined && /^\s*(?:$|[.,;:)]|\p{Ll}{2,5}(?![\p{L}]))/u.test(text.slice(wanted.end)) && !/^\s*(?:of|von|de|der|del)\b/u.test(text.slice(wanted.end));
}

/** Whether the header of a column gives the unit: "Share (%)". */
const headerNames = (header: string, kind: string): boolean => findQuantities(`1 ${header.replace(/.*[([]([^)\]]+)[)\]].*/, '$1')}`, 'en')[0]?.unit?.kind === kind;

/** Whether `exact` rounds to `rounded` at the last place that `rounded` writes. "More than 40" says that only of what is a hundredth near or has two digits. */
function roundsTo(exact: Decimal, rounded: Decimal, { bound, isNear }: { bound: 'at least' | 'at most' | undefined; isNear: boolean }): boolean {
  const [a, b] = [toNumber(exact), toNumber(rounded)];
  // What is rounded is written to fewer places than what it was rounded from.
  if (rounded.exponent <= exact.exponent) return false;
  if (b === 0 || Math.sign(a) !== Math.sign(b)) return false;
  if (bound === 'at least' && Math.abs(a) < Math.abs(b)) return false;
  if (bound === 'at most' && Math.abs(a) > Math.abs(b)) return false;
  const step = 10 ** rounded.exponent;
  const digits = rounded.mantissa.toString().replace('-', '').length;
  const off = Math.abs(a - b);
  if (off / Math.abs(b) > 0.05) return false;
  return off / Math.abs(b) <= 0.01 || ((digits >= 2 || isNear) && off <= (bound === undefined ? step / 2 : step) * (1 + 1e-9));
}

/** "Fell from 6.4 to 6.5", or from where the source says to: in words, or undefined. */
export function changeTurned(text: string, quantities: readonly Quantity[], spans: readonly CitedSpan[]): string | undefined {
  for (const [i, first] of quantities.entries()) {
    const second = quantities[i + 1];
    if (second === undefined || first.kind !== 'number' || second.kind !== 'number' || (first.yearLike === true && second.yearLike === true)) continue;
    const [a, b] = [endOfChange(text, first.start), endOfChange(text, second.start)];
    if (a === undefined || b === undefined || a === b || second.start - first.end > 40) continue;
    const [from, to] = a === 'from' ? [first, second] : [second, first];
    if ((from.unit ?? to.unit)?.kind !== (to.unit ?? from.unit)?.kind) continue;
    const has = (quantity: Quantity, end: 'from' | 'to'): boolean => spans.some(({ quote, facts }) => facts.quantities.some((held) => sameDecimal(held.value, quantity.value) && endOfChange(quote, held.start) === end));
    if (has(from, 'from') && has(to, 'to')) continue;
    if (has(from, 'to') && has(to, 'from')) return `"${from.written.trim()}" and "${to.written.trim()}" have changed places`;
    const direction = directionNear(text, first.start, first.end);
    const difference = toNumber(to.value) - toNumber(from.value);
    if (difference * (direction === 'up' ? -1 : direction === 'down' ? 1 : 0) > 0 && toNumber(from.value) > 0 && toNumber(to.value) > 0) {
      return `from "${from.written.trim()}" to "${to.written.trim()}" is ${OPPOSITE[difference > 0 ? 'up' : 'down']}`;
    }
  }
  return undefined;
}

const OPPOSITE = { up: 'a rise', down: 'a fall' } as const;

const PERIOD = /^[^.;,]{0,25}?\b(?:an?|per|each|every|pro|je|jede[nrs]?|par|por) (second|minute|hour|day|night|week|month|quarter|year|decade|sekunde|minute|stunde|tag|nacht|woche|monat|jahr)\b/iu;

/** "A day", after a number that is counted by it. */
const periodAfter = (text: string, { end }: Quantity): string | undefined => PERIOD.exec(text.slice(end))?.[1]?.toLowerCase();

function turnedRound(wanted: Quantity, held: Quantity, text: string, span: CitedSpan): string | undefined {
  const [claimed, said] = [boundBefore(text, wanted.start), boundBefore(span.quote, held.start)];
  if (claimed !== undefined && said !== undefined && claimed !== said) return `"${wanted.written.trim()}" is ${claimed} in the sentence and ${said} in ${span.id}.`;
  const [each, sourceEach] = [periodAfter(text, wanted), periodAfter(span.quote, held)];
  if (each !== undefined && sourceEach !== undefined && each !== sourceEach) return `"${wanted.written.trim()}" is by the ${each} in the sentence and by the ${sourceEach} in ${span.id}.`;
  const [here, there] = [directionNear(text, wanted.start, wanted.end), directionNear(span.quote, held.start, held.end)];
  if (wanted.yearLike === true || here === undefined || there === undefined || here === there) return undefined;
  return `"${wanted.written.trim()}" is ${OPPOSITE[here]} in the sentence and ${OPPOSITE[there]} in ${span.id}.`;
}

/** "Covid 19", where the span writes COVID-19. */
function inCode(span: CitedSpan, { start, end, written }: Quantity, text: string): boolean {
  const previous = /(?<![\p{L}\p{N}])(\p{Lu}[\p{L}\p{M}]+) $/u.exec(text.slice(0, start))?.[1];
  return /^\d+$/.test(written) && previous !== undefined && holdsCode(span, { start, end, written: `${previous}-${written}` });
}

/** "2012 Summer Olympics", where the title says so: the number with the capital word beside it. */
function inTitle(span: CitedSpan, { start, end, written }: Quantity, text: string): boolean {
  if (!/^\d+$/.test(written)) return false;
  const next = /^[\s-]+(\p{Lu}[\p{L}\p{M}]+)/u.exec(text.slice(end))?.[1];
  const previous = /(\p{Lu}[\p{L}\p{M}]+)[\s-]+$/u.exec(text.slice(0, start))?.[1];
  const titles = [span.title, ...span.about].map((title) => ` ${folded(title).replace(/[^\p{L}\p{N}]+/gu, ' ')} `);
  return titles.some((title) => (next !== undefined && title.includes(` ${written} ${folded(next)} `)) || (previous !== undefined && title.includes(` ${folded(previous)} ${written} `)));
}

/** Whether a word with digits is in the span or in what its document says of itself: COVID-19, also as COVID 19. */
export function holdsCode({ quote, title, about }: CitedSpan, { written }: Code): boolean {
  const parts = written.split(/[-‑_/]|(?<=\p{L})(?=\d)/u).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}]|[\\p{L}\\p{N}][-.])${parts.join('[-‑–_/\\s\\u00a0]?')}(?![\\p{L}\\p{N}]|[-.]\\d)`, 'iu');
  return [quote, title, ...about].some((text) => pattern.test(text));
}

/** World War II, where the source says World War 2 or Two. */
export const isRomanHeld = (written: string, previous: string | undefined, spans: readonly CitedSpan[]): boolean => {
  if (!/^[IVX]{2,}$/.test(written) || previous === undefined) return false;
  const [roman] = findQuantities(`War ${written}`, 'en');
  return roman !== undefined && spans.some(({ quote, facts }) => facts.quantities.some(({ value, start }) => sameDecimal(value, roman.value) && wordBefore(quote, start) === folded(previous)));
};
