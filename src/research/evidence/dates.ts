/** Dates in a text, whole or in part, in the ways of several languages. */
import { folded, KNOWN_LANGUAGES } from './language.ts';

/** What the text says of a date; a part that it does not say is absent. */
export interface DateFact {
  start: number;
  end: number;
  year?: number;
  month?: number;
  day?: number;
  /** 1 (Monday) to 7. Then nothing else is set. */
  weekday?: number;
  /** As written, where day and month cannot be told apart; then only the same writing says the same. */
  ambiguous?: string;
}

/** Which number of 03/04/2012 is the month. */
export type NumericOrder = 'day-first' | 'month-first' | undefined;

const MORE_LANGUAGES = ['sv', 'da', 'nb', 'pl', 'cs', 'ru', 'uk', 'tr', 'el', 'fi', 'hu', 'ro'];

const monthTables = new Map<string, ReadonlyMap<string, number>>();

/** Names of months in a language, long and short, as they stand alone and beside a day. */
function monthsOf(language: string): ReadonlyMap<string, number> {
  const known = monthTables.get(language);
  if (known !== undefined) return known;
  const months = new Map<string, number>();
  for (let month = 1; month <= 12; month++) {
    const date = new Date(Date.UTC(2023, month - 1, 15));
    for (const width of ['long', 'short'] as const) {
      for (const parts of [{ month: width }, { month: width, day: 'numeric' as const }, { month: width, day: 'numeric' as const, year: 'numeric' as const }]) {
        const name = new Intl.DateTimeFormat(language, { ...parts, timeZone: 'UTC' }).formatToParts(date).find(({ type }) => type === 'month')?.value ?? '';
        const word = folded(name).replace(/\.$/, '');
        if (/^\p{L}{3,}$/u.test(word)) months.set(word, month);
      }
    }
  }
  if (language === 'en') months.set('sept', 9);
  monthTables.set(language, months);
  return months;
}

const readableMonths = new Map<string, ReadonlyMap<string, number>>();

/** Months that a text in a language may name: its own, and those of English. */
function monthsIn(language: string): ReadonlyMap<string, number> {
  const months = readableMonths.get(language) ?? new Map([...monthsOf('en'), ...(hasMonths(language) ? monthsOf(language) : [])]);
  readableMonths.set(language, months);
  return months;
}

const weekdayTables = new Map<string, ReadonlyMap<string, number>>();

function weekdaysOf(language: string): ReadonlyMap<string, number> {
  const known = weekdayTables.get(language);
  if (known !== undefined) return known;
  const days = new Map<string, number>();
  // 2 January 2023 was a Monday.
  for (let day = 1; day <= 7; day++) {
    days.set(folded(new Intl.DateTimeFormat(language, { weekday: 'long', timeZone: 'UTC' }).format(new Date(Date.UTC(2023, 0, day + 1)))), day);
  }
  weekdayTables.set(language, days);
  return days;
}

const hasMonths = (language: string): boolean => [...KNOWN_LANGUAGES, ...MORE_LANGUAGES].includes(language);

/** Months that are also other words; alone they are dates only after such a word. */
const AMBIGUOUS_MONTHS = new Set(['may', 'march', 'mar', 'mars', 'marzo', 'august', 'set', 'dez', 'mai', 'maj', 'sep', 'dec', 'jan', 'nov', 'oct', 'ago', 'sept']);
const BEFORE_MONTH = /(?:^|[\s(])(?:in|im|on|since|until|till|by|of|during|last|early|mid|late|from|to|between|and|through|seit|bis|en|au|fin|début|depuis|mayo|em|desde|nel|a|di|in)[\s-]+$/iu;

const YEAR = '(?<year>\\d{4})(?![\\p{L}\\p{N}]|[.,]\\d)';
const DAY = '(?<day>\\d{1,2})';
const WORD = '(?<month>\\p{L}{3,}\\p{M}*)\\.?';
const NOT_INSIDE = '(?<![\\p{L}\\p{N}]|\\d[.,:/-])';
const ORDINAL = '(?:\\.|st|nd|rd|th|er|º|ª|°)?';
const GAP = "[\\s\\u00a0]+(?:de[\\s\\u00a0]+|d['’]|of[\\s\\u00a0]+)?";
const YEAR_GAP = '(?:,?[\\s\\u00a0]+(?:de[\\s\\u00a0]+|del[\\s\\u00a0]+|di[\\s\\u00a0]+)?|,)';

/** Tried in this order; the first that fits takes its place. */
const PATTERNS: readonly RegExp[] = [
  /(?<![\p{L}\p{N}]|\d[-/.])(?<year>\d{4})(?<separator>[-/.])(?<month>\d{1,2})\k<separator>(?<day>\d{1,2})(?!\d|[-/.]\d)/gu,
  /(?<year>\d{4})[\s]*[年년](?:[\s]*(?<month>\d{1,2})[\s]*[月월](?:[\s]*(?<day>\d{1,2})[\s]*[日일号])?)?/gu,
  /(?<!\d)(?<month>\d{1,2})[月월][\s]*(?<day>\d{1,2})[日일号]/gu,
  /(?<![\p{L}\p{N}]|\d[-/.])(?<first>\d{1,2})(?<separator>[-/.])(?<second>\d{1,2})\k<separator>(?<year>\d{4}|\d{2})(?![\p{L}\p{N}]|[-/.,]\d)/gu,
  new RegExp(`${NOT_INSIDE}${DAY}${ORDINAL}[\\s]*(?:[-–—]|and|to|bis|und|et|y|e|al|a|en)[\\s]*(?<day2>\\d{1,2})${ORDINAL}${GAP}${WORD}(?:${YEAR_GAP}${YEAR})?`, 'gu'),
  new RegExp(`(?<![\\p{L}\\p{N}])${WORD}[\\s\\u00a0]+${DAY}[\\s]*[-–—][\\s]*(?<day2>\\d{1,2})(?![\\p{L}\\p{N}]|[.,:]\\d)(?:${YEAR_GAP}${YEAR})?`, 'gu'),
  new RegExp(`${NOT_INSIDE}${DAY}${ORDINAL}${GAP}${WORD}(?![\\p{L}\\p{N}])(?:${YEAR_GAP}${YEAR})?`, 'gu'),
  new RegExp(`(?<![\\p{L}\\p{N}])${WORD}[\\s\\u00a0]+${DAY}(?:st|nd|rd|th)?(?![\\p{L}\\p{N}]|[.,:]\\d|[\\s\\u00a0]?%)(?:${YEAR_GAP}${YEAR})?`, 'gu'),
  new RegExp(`(?<![\\p{L}\\p{N}])${WORD}${YEAR_GAP}${YEAR}`, 'gu'),
];

/**
 * Dates of `text` in the order of their places. `order` is for numbers only: 03/04/2012. A text in English that gives no sign of its
 * order leaves such dates ambiguous, unless one of the numbers is above 12.
 */
export function findDates(text: string, language: string, order: NumericOrder): DateFact[] {
  const months = monthsIn(language);
  const taken: DateFact[] = [];
  const isFree = (start: number, end: number): boolean => taken.every((fact) => end <= fact.start || start >= fact.end);
  for (const pattern of PATTERNS) {
    for (const match of text.matchAll(pattern)) {
      const start = match.index;
      const end = start + match[0].length;
      if (isFree(start, end)) taken.push(...datesOf(match, months, order));
    }
  }
  for (const match of text.matchAll(/(?<![\p{L}\p{N}'’-])\p{L}{3,}(?![\p{L}\p{N}'’])/gu)) {
    const [word] = match;
    const start = match.index;
    const end = start + word.length;
    const weekday = weekdaysOf('en').get(folded(word)) ?? (hasMonths(language) ? weekdaysOf(language).get(folded(word)) : undefined);
    if (weekday !== undefined && isFree(start, end) && (language !== 'en' || /^\p{Lu}/u.test(word))) taken.push({ start, end, weekday });
    const month = months.get(folded(word));
    if (month === undefined || !isFree(start, end) || word.length < 4 && !BEFORE_MONTH.test(text.slice(0, start))) continue;
    if (['en', 'de'].includes(language) && !/^\p{Lu}/u.test(word)) continue;
    if (AMBIGUOUS_MONTHS.has(folded(word)) && !BEFORE_MONTH.test(text.slice(0, start))) continue;
    taken.push({ start, end, month });
  }
  return taken.toSorted((a, b) => a.start - b.start || a.end - b.end);
}

function datesOf(match: RegExpExecArray, months: ReadonlyMap<string, number>, order: NumericOrder): DateFact[] {
  const { year, month, day, day2, first, second } = match.groups ?? {};
  const place = { start: match.index, end: match.index + match[0].length };
  const years = year === undefined ? {} : { year: fullYear(year) };
  if (first !== undefined && second !== undefined) return numericDate(place, Number(first), Number(second), years, match[0], order);
  const monthNumber = month === undefined ? undefined : /^\d/.test(month) ? Number(month) : months.get(folded(month));
  if (month !== undefined && (monthNumber === undefined || monthNumber < 1 || monthNumber > 12)) return [];
  const days = [day, day2].flatMap((text) => (text === undefined ? [] : [Number(text)]));
  if (days.some((number) => number < 1 || number > 31)) return [];
  const rest = { ...place, ...years, ...(monthNumber === undefined ? {} : { month: monthNumber }) };
  return days.length === 0 ? [rest] : days.map((number) => ({ ...rest, day: number }));
}

function numericDate(place: { start: number; end: number }, first: number, second: number, years: { year?: number }, written: string, order: NumericOrder): DateFact[] {
  if (first < 1 || second < 1 || Math.max(first, second) > 31 || Math.min(first, second) > 12) return [];
  if (first > 12) return [{ ...place, ...years, day: first, month: second }];
  if (second > 12) return [{ ...place, ...years, day: second, month: first }];
  if (first === second || order === 'day-first') return [{ ...place, ...years, day: first, month: second }];
  if (order === 'month-first') return [{ ...place, ...years, day: second, month: first }];
  return [{ ...place, ...years, ambiguous: written.replace(/[-/.]/g, '/').replace(/\b0/g, '') }];
}

const fullYear = (digits: string): number => (digits.length === 4 ? Number(digits) : Number(digits) + (Number(digits) < 50 ? 2000 : 1900));

/** The order of day and month in a text's numeric dates: by its language, by a date of it that can only be read one way, or by its address. */
export function numericOrderOf(text: string, language: string, { region, host }: { region?: string | undefined; host?: string | undefined } = {}): NumericOrder {
  if (language !== 'en') return 'day-first';
  for (const [, first, second] of text.matchAll(/(?<![\d/.-])(\d{1,2})[/.-](\d{1,2})[/.-](?:\d{4}|\d{2})(?!\d)/g)) {
    if (Number(first) > 12 && Number(second) <= 12) return 'day-first';
    if (Number(second) > 12 && Number(first) <= 12) return 'month-first';
  }
  if (region === 'US' || /\.(?:gov|mil|us)$/.test(host ?? '')) return 'month-first';
  if (region !== undefined || /\.(?:uk|au|nz|ie|za|in)$/.test(host ?? '')) return 'day-first';
  return undefined;
}

/** 1 (Monday) to 7, where the date is whole. */
export function weekdayOf({ year, month, day }: DateFact): number | undefined {
  if (year === undefined || month === undefined || day === undefined) return undefined;
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() || 7;
}
