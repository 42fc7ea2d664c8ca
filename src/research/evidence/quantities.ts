/** Numbers in a text with their units, brought to one form: `1.2 million`, `1,200,000` and `1 200 000` are the same. */
import { decimalOf, negated, times, type Decimal } from './decimal.ts';
import { folded, SPACED_LETTER } from './language.ts';
import { numeralsOf, romanNumber } from './number-words.ts';
import type { Quantity } from './quantity.ts';
import { spelledQuantities } from './spelled-quantities.ts';
import { currencyBefore, unitAfter, type Unit } from './units.ts';

const SPACE = '[ \\u00a0\\u2009\\u202f]';
/** Alternatives in the order in which they are tried; groups of three first. */
const DIGITS = [
  `\\d{1,3}(?:${SPACE}\\d{3})+(?:[.,]\\d+)?(?!\\d)`,
  "\\d{1,3}(?:['’]\\d{3})+(?:[.,]\\d+)?(?!\\d)",
  '\\d{1,2}(?:,\\d{2})+,\\d{3}(?:\\.\\d+)?(?!\\d)',
  '\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?(?![\\d])',
  '\\d{1,3}(?:\\.\\d{3})+(?:,\\d+)?(?![\\d])',
  '\\d+[.,]\\d+', '\\d+', '[.,]\\d+',
].join('|');

const FRACTIONS: Readonly<Record<string, string>> = { '½': '0.5', '¼': '0.25', '¾': '0.75', '⅕': '0.2', '⅖': '0.4', '⅗': '0.6', '⅘': '0.8', '⅛': '0.125', '⅜': '0.375', '⅝': '0.625', '⅞': '0.875' };

const NUMBER = new RegExp(`(?<sign>(?<=^|[\\s(\\[~≈<>≤≥$€£"“„'’])[-−–](?=[\\d.$€£])|±)?(?<!\\d[.,])(?<!${SPACED_LETTER}\\p{M}*|\\d)(?<digits>${DIGITS})(?<vulgar>[½¼¾⅕⅖⅗⅘⅛⅜⅝⅞])?|(?<![\\p{L}\\d])(?<alone>[½¼¾⅕⅖⅗⅘⅛⅜⅝⅞])`, 'gu');

/** All numbers of `text`. Dates and codes are not told apart here: who knows them blanks them out before. */
export function findQuantities(text: string, language: string): Quantity[] {
  const found = [...digitQuantities(text, language)];
  for (const quantity of [...spelledQuantities(text, language), ...romanQuantities(text)]) {
    if (found.every(({ start, end }) => quantity.end <= start || quantity.start >= end)) found.push(quantity);
  }
  const sorted = found.toSorted((a, b) => a.start - b.start);
  return shareUnits(sorted, text);
}

function digitQuantities(text: string, language: string): Quantity[] {
  const found: Quantity[] = [];
  let from = 0;
  for (const match of text.matchAll(NUMBER)) {
    if (match.index < from) continue;
    const { sign, digits, vulgar, alone } = match.groups ?? {};
    const end = match.index + match[0].length;
    const duration = /^\d{1,2}$/.test(digits ?? '') && sign === undefined ? /^[ \u00a0\u202f]?h[ \u00a0\u202f]?(\d{2})(?![\p{L}\p{N}]|[.,]\d)/u.exec(text.slice(end)) : null;
    if (duration !== null) {
      // `1 h 27`, as French writes hours and minutes.
      found.push(ratioOf(match.index, end + duration[0].length, `${digits}:${duration[1]}`));
      from = end + duration[0].length;
      continue;
    }
    const clock = /^\d{1,2}$/.test(digits ?? '') && sign === undefined ? /^[ \u00a0\u202f]?([ap])\.?m(?:\b\.?|\.)/i.exec(text.slice(end)) : null;
    if (clock !== null) {
      found.push(ratioOf(match.index, end + clock[0].length, `${digits}:00 ${clock[1]?.toLowerCase()}m`));
      from = end + clock[0].length;
      continue;
    }
    const ratio = digits === undefined || sign !== undefined ? null : /^(?:[:/]\d+(?:[.,]\d+)?)+(?![\p{L}\p{N}])/u.exec(text.slice(end));
    if (ratio !== null && /^\d+$/.test(digits ?? '')) {
      const after = text.slice(end + ratio[0].length);
      const half = /^\s?(a|p)\.?m\b/i.exec(after)?.[1]?.toLowerCase();
      const written = `${digits}${ratio[0]}${half === undefined ? '' : ` ${half}m`}`;
      found.push(ratioOf(match.index, end + ratio[0].length, written));
      from = end + ratio[0].length;
      continue;
    }
    const value = alone === undefined ? plus(decimalOf(readDigits(digits ?? '', language)), vulgar) : decimalOf(FRACTIONS[alone] ?? '0');
    const quantity = withSurroundings({
      start: match.index, end, value: sign !== undefined && sign !== '±' ? negated(value) : value, text, language, digits: digits ?? '',
    });
    found.push(quantity);
    from = quantity.end;
  }
  return found;
}

function plus(value: Decimal, vulgar: string | undefined): Decimal {
  if (vulgar === undefined) return value;
  const fraction = decimalOf(FRACTIONS[vulgar] ?? '0');
  const exponent = Math.min(value.exponent, fraction.exponent);
  const shift = (part: Decimal): bigint => part.mantissa * 10n ** BigInt(part.exponent - exponent);
  return times({ mantissa: shift(value) + shift(fraction), exponent }, decimalOf('1'));
}

/** `14:30`, `3:1`, `2/3`: the same only in the same parts; times of day are brought to 24 hours. */
function ratioOf(start: number, end: number, written: string): Quantity {
  const [, hour = '', minute = '', half] = /^(\d{1,2}):(\d{2})(?: (am|pm))?$/.exec(written) ?? [];
  const hours = hour === '' ? undefined : (Number(hour) % (half === undefined ? 24 : 12)) + (half === 'pm' ? 12 : 0);
  const key = hours === undefined ? written : `${hours}:${minute}`;
  const parts = key.split(/[:/]/).map((part) => readDigits(part.replace(/ .*/, ''), 'en').replace(/^0+(?=\d)/, ''));
  // The parts in one number that no plain number has: each part in 12 digits.
  const value = { mantissa: BigInt(parts.map((part) => part.replace('.', '').padStart(12, '0')).join('')) * 10n + BigInt(key.includes('/') ? 3 : 7), exponent: 0 };
  return { start, end, written, value, kind: 'ratio' };
}

/** Digits as they are written in a language, as digits with a point. */
function readDigits(digits: string, language: string): string {
  const plain = digits.replace(/[\s\u00a0\u2009\u202f'’]/g, '');
  const points = plain.split('.').length - 1;
  const commas = plain.split(',').length - 1;
  if (points > 0 && commas > 0) {
    return plain.lastIndexOf('.') > plain.lastIndexOf(',') ? plain.replaceAll(',', '') : plain.replaceAll('.', '').replace(',', '.');
  }
  if (points > 1) return plain.replaceAll('.', '');
  if (commas > 1) return plain.replaceAll(',', '');
  // Grouped by spaces, or led by a zero, a point or comma can only stand before decimals.
  const isGroup = /^[1-9]\d{0,2}[.,]\d{3}$/.test(plain) && plain === digits;
  const groupSign = ['en', 'zh', 'ja', 'ko', 'th', 'he'].includes(language) ? ',' : '.';
  if (isGroup && plain.includes(groupSign)) return plain.replace(groupSign, '');
  return plain.replace(',', '.');
}

const YEAR_LIKE = /^[12]\d{3}$/;

function withSurroundings({ start, end, value, text, language, digits }: { start: number; end: number; value: Decimal; text: string; language: string; digits: string }): Quantity {
  const before = text.slice(Math.max(0, start - 12), start);
  const currency = currencyBefore(before.replace(/[-−–]$/, ''));
  let rest = text.slice(end, end + 60);
  let length = 0;
  const ordinal = /^(?:st|nd|rd|th|ère|ème|eme|ième|er|e|re|º|ª|ste|de|te[nrs]?)(?![\p{L}\p{N}])/iu.exec(rest)?.[0] ?? /^\.?[ºª]/u.exec(rest)?.[0];
  if (ordinal !== undefined && /^\d+$/.test(digits) && !(language === 'de' && /^er/i.test(ordinal))) {
    const end2 = end + ordinal.length;
    const unit = unitAfter(text.slice(end2).replace(/^[\s-]+/, ''))?.unit;
    return { start, end: end2, written: text.slice(start, end2), value, kind: 'ordinal', ...(unit?.kind === 'century' ? { unit } : {}) };
  }
  const decade = /^\d{3}0$/.test(digits) ? /^['’]?(?:s|er|ern)(?![\p{L}\p{N}])/u.exec(rest)?.[0] : undefined;
  if (decade !== undefined) return { start, end: end + decade.length, written: text.slice(start, end + decade.length), value, kind: 'decade' };
  const maybeOrdinal = language === 'de' && /^\d{1,2}$/.test(digits) && /^\.\s/.test(rest);
  if (maybeOrdinal) [rest, length] = [rest.slice(1), 1];

  let scaled = value;
  const magnitude = magnitudeAfter(rest, language, currency !== undefined);
  if (magnitude !== undefined) {
    scaled = times(scaled, magnitude.factor);
    length += magnitude.length;
    rest = rest.slice(magnitude.length);
  }
  const gap = /^[\s\u00a0\u2009\u202f]*-?(?:de |d['’]|di |of |von )?/u.exec(rest)?.[0] ?? '';
  const after = unitAfter(rest.slice(gap.length));
  const unit = currency?.unit ?? after?.unit;
  if (currency === undefined && after !== undefined) length += gap.length + after.length;
  const begin = currency === undefined ? start : start - currency.length;
  return {
    start: begin,
    end: end + length,
    written: text.slice(begin, end + length),
    value: unit === undefined ? scaled : times(scaled, unit.factor),
    kind: 'number',
    // `5m people`: metres or millions.
    ...(currency === undefined && /^m(?![\p{L}\p{N}²³/])/u.test(text.slice(end)) ? { shared: [{ value: times(value, decimalOf('1000000')) }] } : {}),
    ...(unit === undefined ? {} : { unit }),
    ...(maybeOrdinal ? { maybeOrdinal } : {}),
    ...(YEAR_LIKE.test(digits) && magnitude === undefined && unit === undefined ? { yearLike: true } : {}),
  };
}

/** A word or letter after the digits that multiplies them. A single letter does so right after the digits, or with a currency. */
function magnitudeAfter(rest: string, language: string, hasCurrency: boolean): { factor: Decimal; length: number } | undefined {
  const letter = /^(k|K|m|M|bn|b|B|tn|T)(?![\p{L}\p{N}²³/])/u.exec(rest) ?? (hasCurrency ? /^[\s\u00a0](k|m|M|bn|b|B|tn)(?![\p{L}\p{N}])/u.exec(rest) : null);
  const factors: Readonly<Record<string, string>> = { k: '1000', K: '1000', m: '1000000', M: '1000000', bn: '1000000000', b: '1000000000', B: '1000000000', tn: '1000000000000', T: '1000000000000' };
  if (letter !== null && (hasCurrency || letter[1] !== 'm')) return { factor: decimalOf(factors[letter[1] ?? ''] ?? '1'), length: letter[0].length };
  const han = /^ ?([万萬亿億兆])/u.exec(rest);
  if (han !== null) return { factor: decimalOf(/[万萬]/u.test(han[1] ?? '') ? '10000' : han[1] === '兆' ? '1000000000000' : '100000000'), length: han[0].length };
  const { magnitudes } = numeralsOf(language);
  let factor = decimalOf('1');
  let length = 0;
  for (;;) {
    const word = /^[\s\u00a0\u2009\u202f-]*(\p{L}+)\.?/u.exec(rest.slice(length));
    const value = word === null ? undefined : magnitudes.get(folded(word[1] ?? ''));
    if (word === null || value === undefined) return length === 0 ? undefined : { factor, length };
    factor = times(factor, decimalOf(String(value)));
    // The point belongs to the abbreviation only where something follows: at the end it closes the sentence.
    length += word[0].endsWith('.') && !/^(?:mio|mrd|bio|mn|mln|mld|md|mds)$/.test(folded(word[1] ?? '')) ? word[0].length - 1 : word[0].length;
  }
}

/** `Elizabeth II`, `XIXe siècle`: Roman numbers after a capitalised word or before a century. They support; as words they are names. */
function romanQuantities(text: string): Quantity[] {
  return [...text.matchAll(/(?<![\p{L}\p{N}])([MDCLXVI]+)(?:e|ème|er)?(?![\p{L}\p{N}])/gu)].flatMap((match) => {
    const value = romanNumber(match[1] ?? '');
    if (value === undefined) return [];
    const end = match.index + match[0].length;
    const after = unitAfter(text.slice(end).replace(/^[\s.]+/, ''));
    const beforeCentury = /(?:siglo|secolo|século|siècle)\s+$/iu.test(text.slice(0, match.index));
    if (after?.unit.kind !== 'century' && !beforeCentury && !/\p{Lu}\p{L}+\s$/u.test(text.slice(0, match.index))) return [];
    const isCentury = after?.unit.kind === 'century' || beforeCentury;
    return [{ start: match.index, end, written: match[0], value: decimalOf(String(value)), kind: 'ordinal' as const, maybeOrdinal: true, ...(isCentury ? {} : { doubtful: true }) }];
  });
}

const RANGE = /^[\s\u00a0]*(?:[-–—−]|to|bis|à|a|al|até|tot|und|and|or|oder|et|ou|y|o|e|en|of|,|;|, and|, or)[\s\u00a0]*$/iu;

/** In `5 to 10 km` and `5, 7 and 10 million`, what stands after the last number may hold for all. `2010–12` ends in 2012. */
function shareUnits(quantities: readonly Quantity[], text: string): Quantity[] {
  const out = [...quantities];
  for (let i = out.length - 2; i >= 0; i--) {
    const [left, right] = [out[i], out[i + 1]];
    if (left === undefined || right === undefined) continue;
    const between = text.slice(left.end, right.start);
    if (left.yearLike === true && /^[-–—/]$/.test(between) && /^\d{2}$/.test(right.written) && right.unit === undefined) {
      const century = Number(left.written) - (Number(left.written) % 100);
      if (Number(right.written) > Number(left.written) % 100) out[i + 1] = { ...right, value: decimalOf(String(century + Number(right.written))), yearLike: true };
      continue;
    }
    if (left.unit !== undefined || left.kind !== 'number' || right.kind !== 'number' || !RANGE.test(between)) {
      // `$5 to 10 million`: the currency of the first, the magnitude of the second.
      if (left.unit !== undefined && right.unit === undefined && RANGE.test(between)) out[i + 1] = { ...right, shared: [...(right.shared ?? []), { value: right.value, unit: left.unit }] };
      if (left.unit === undefined || left.kind !== 'number' || !RANGE.test(between)) continue;
    }
    const scale = magnitudeIn(right);
    const unit = right.unit ?? right.shared?.[0]?.unit;
    const readings = [
      ...(scale === undefined ? [] : [withUnit(times(left.value, scale), left.unit ?? unit)]),
      ...(left.unit === undefined && unit !== undefined ? [{ value: times(left.value, unit.factor), unit }] : []),
    ];
    if (readings.length > 0) out[i] = { ...left, shared: [...(left.shared ?? []), ...readings] };
  }
  return out;
}

const withUnit = (value: Decimal, unit: Unit | undefined): { value: Decimal; unit?: Unit } => (unit === undefined ? { value } : { value, unit });

/** What the words after the digits multiply by, with the unit's own factor. */
function magnitudeIn(quantity: Quantity): Decimal | undefined {
  const digits = /\d[\d.,]*/.exec(quantity.written)?.[0];
  if (digits === undefined || quantity.value.mantissa === 0n) return undefined;
  const plain = decimalOf(digits.replace(/[.,](?=\d{3}\b)/g, '').replace(',', '.'));
  return plain.mantissa === quantity.value.mantissa && plain.exponent !== quantity.value.exponent ? { mantissa: 1n, exponent: quantity.value.exponent - plain.exponent } : undefined;
}
