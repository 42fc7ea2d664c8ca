/** Parts of a whole in words: "a third of", "die Hälfte"; and whether a span says as much. */
import type { CitedSpan } from './cited-span.ts';
import { toNumber } from './decimal.ts';
import { boundBefore } from './polarity.ts';

export interface Share {
  start: number;
  end: number;
  /** From 0 to 1. */
  value: number;
}

interface ShareWords {
  counts: Readonly<Record<string, number>>;
  parts: Readonly<Record<string, number>>;
  /** What follows the words when they are a share and not a rank or a room. */
  after: string;
  half: string;
}

const WORDS: Readonly<Record<string, ShareWords>> = {
  en: { counts: { a: 1, one: 1, two: 2, three: 3, four: 4 }, parts: { thirds: 3, third: 3, quarters: 4, quarter: 4, fifths: 5, fifth: 5, sixths: 6, sixth: 6, eighths: 8, eighth: 8, tenths: 10, tenth: 10 }, after: '(?= of (?!an hour|a century|a million))', half: 'half(?= of | the (?!time))' },
  de: { counts: { ein: 1, einem: 1, zwei: 2, drei: 3, vier: 4 }, parts: { drittel: 3, viertel: 4, fünftel: 5, achtel: 8, zehntel: 10 }, after: '(?! ?(?:stunde|jahr))', half: '(?:die|der) hälfte' },
  fr: { counts: { un: 1, le: 1, deux: 2, trois: 3 }, parts: { tiers: 3, quarts: 4, quart: 4, cinquième: 5, dixième: 10 }, after: "(?= d[eu]s? | d’|d')", half: 'la moitié' },
  es: { counts: { un: 1, dos: 2, tres: 3 }, parts: { tercios: 3, tercio: 3, cuartos: 4, cuarto: 4, quinto: 5, décimo: 10 }, after: '(?= de )', half: 'la mitad' },
};

/** Halves that are a stretch of time, a side, or one of two. */
const OTHER_HALF = /(?:first|second|last|latter|other|this|that|each|either|top|bottom|upper|lower|ern|left|right|final|opening|later|earlier|the|its|his|her|their|ersten|zweiten|letzten|erste|zweite|andere|anderen|première|seconde|autre|primera|segunda|otra)[\s-]+$/iu;

/** With `isSource` what follows the words counts for nothing: a source's "a third" supports in any case. */
export function findShares(text: string, language: string, isSource = false): Share[] {
  const words = WORDS[language];
  if (words === undefined) return [];
  const { counts, parts, after, half } = words;
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}-])(?:(?<count>${Object.keys(counts).join('|')})[ -](?<part>${Object.keys(parts).join('|')})(?![\\p{L}\\p{N}])${isSource ? '' : `(?:(?<=-\\p{L}+)|${after})`}|(?<half>${isSource ? half.replace(/\(\?=.*/, '') : half}))`, 'giu');
  return [...text.matchAll(pattern)].flatMap((match) => {
    const { count = '', part = '' } = match.groups ?? {};
    if (part === '' && OTHER_HALF.test(text.slice(0, match.index))) return [];
    const value = part === '' ? 0.5 : (counts[count.toLowerCase()] ?? 1) / (parts[part.toLowerCase()] ?? 1);
    return [{ start: match.index, end: match.index + match[0].length, value }];
  });
}

/** A percentage says the same as a share in words when it is as near as this. */
const NEAR = 0.02;
const ROUGHLY = 0.06;

/** Whether a span says a share: in words, as a percentage, or as one number out of another. */
export function holdsShare(span: CitedSpan, { start, value }: Share, text: string): boolean {
  if (WORDS[span.language] === undefined) return true;
  if (findShares(span.quote, span.language, true).some((share) => Math.abs(share.value - value) < 1e-9)) return true;
  const bound = boundBefore(text, start);
  const fits = (held: number): boolean => (bound === undefined ? Math.abs(held - value) <= NEAR : Math.abs(held - value) <= ROUGHLY && (bound === 'at least' ? held >= value : held <= value));
  const { quantities } = span.facts;
  const numbers = quantities.filter(({ kind }) => kind === 'number').map((quantity) => ({ ...quantity, number: toNumber(quantity.value) }));
  if (numbers.some(({ number, unit }) => unit?.kind === 'percent' && fits(number / 100))) return true;
  return numbers.some((part, i) => {
    const whole = numbers[i + 1];
    return whole !== undefined && whole.number > 0 && /^\s*(?:out of|out of every|of every|in|in every|of|of the|of its|von|von den|der|sur|de|de los|de las|\/)\s*$/u.test(span.quote.slice(part.end, whole.start)) && fits(part.number / whole.number);
  }) || quantities.some(({ kind, written }) => kind === 'ratio' && isFraction(written, value)) || (value === 0.5 && /\bhalv(?:ed|es|ing)\b|halbiert/iu.test(span.quote));
}

/** `2/3` is two thirds and nothing else. */
function isFraction(written: string, value: number): boolean {
  const [, part, whole] = /^(\d+)\/(\d+)$/.exec(written) ?? [];
  return whole !== undefined && Math.abs(Number(part) / Number(whole) - value) < 1e-9;
}
