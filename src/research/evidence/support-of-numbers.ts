/** Whether a span holds a number of a sentence, with its unit, and says the same of it. */
import type { CitedSpan } from './cited-span.ts';
import { sameDecimal, toNumber, type Decimal } from './decimal.ts';
import { folded } from './language.ts';
import { boundBefore, directionNear, isRounded } from './polarity.ts';
import { findQuantities, type Code, type Quantity } from './quantities.ts';
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

/** True, false, or why the source says otherwise of the same number. */
export function holdsQuantity(span: CitedSpan, wanted: Quantity, text: string, header: string, language: string): boolean | string {
  const readings = [{ value: wanted.value, unit: wanted.unit }, ...(wanted.shared ?? [])];
  let direction: string | undefined;
  for (const held of span.facts.quantities) {
    const heldReadings = [{ value: held.value, unit: held.unit }, ...(held.shared ?? [])];
    const fits = readings.some((reading) => heldReadings.some((other) => fit(reading, other, { wanted, held, text, span, header })));
    if (!fits) continue;
    const fault = span.language === language ? turnedRound(wanted, held, text, span) : undefined;
    if (fault === undefined) return true;
    direction = fault;
  }
  if (direction !== undefined) return direction;
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
}

interface Reading {
  value: Decimal;
  unit?: Quantity['unit'];
}

function fit(reading: Reading, other: Reading, { wanted, held, text, span, header }: FitContext): boolean {
  if (!sameKind(wanted, held)) return false;
  if (!sameUnit(reading, other, header)) return false;
  const value = header !== '' && reading.unit === undefined && other.unit !== undefined ? { mantissa: reading.value.mantissa, exponent: reading.value.exponent + other.unit.factor.exponent } : reading.value;
  if (sameDecimal(value, other.value)) return true;
  const opposite = { mantissa: -value.mantissa, exponent: value.exponent };
  // "fell by 5 %" where a table says −5 %, and the other way round.
  if (sameDecimal(opposite, other.value)) {
    const said = value.mantissa < 0n ? directionNear(span.quote, held.start, held.end) : directionNear(text, wanted.start, wanted.end);
    return said === 'down' || /\b(?:minus|below zero|unter null|negativ)/iu.test(value.mantissa < 0n ? span.quote : text);
  }
  return isRounded(text, wanted.start) && roundsTo(other.value, value, boundBefore(text, wanted.start));
}

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

/** Whether the header of a column gives the unit: "Share (%)". */
const headerNames = (header: string, kind: string): boolean => findQuantities(`1 ${header.replace(/.*[([]([^)\]]+)[)\]].*/, '$1')}`, 'en')[0]?.unit?.kind === kind;

/** Whether `exact` rounds to `rounded` at the last place that `rounded` writes, with at least two digits of it or one hundredth near. */
function roundsTo(exact: Decimal, rounded: Decimal, bound: 'at least' | 'at most' | undefined): boolean {
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
  return off / Math.abs(b) <= 0.01 || (digits >= 2 && off <= (bound === undefined ? step / 2 : step) * (1 + 1e-9));
}

const OPPOSITE = { up: 'a rise', down: 'a fall' } as const;

function turnedRound(wanted: Quantity, held: Quantity, text: string, span: CitedSpan): string | undefined {
  const [claimed, said] = [boundBefore(text, wanted.start), boundBefore(span.quote, held.start)];
  if (claimed !== undefined && said !== undefined && claimed !== said) return `"${wanted.written.trim()}" is ${claimed} in the sentence and ${said} in ${span.id}.`;
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
export const isRomanHeld = (written: string, spans: readonly CitedSpan[]): boolean => {
  if (!/^[IVX]{2,}$/.test(written)) return false;
  const [roman] = findQuantities(`X ${written}`.replace('X ', 'War '), 'en');
  return roman !== undefined && spans.some(({ facts }) => facts.quantities.some(({ value }) => sameDecimal(value, roman.value)));
};
