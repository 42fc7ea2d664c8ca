/** Numbers that are written as words. */
import { TAKEN } from './blanked.ts';
import { decimalOf, times, type Decimal } from './decimal.ts';
import { folded } from './language.ts';
import { germanCompound, isDoubtful, numeralsOf } from './number-words.ts';
import type { Quantity } from './quantity.ts';
import { unitAfter } from './units.ts';

/** `two-thirds` is no two; shares.ts reads it. */
const FRACTION_WORDS = /(?<!\p{L})(?:one|two|three|four|five|seven|nine)[- ](?:third|quarter|fifth|sixth|eighth|tenth)s?(?!\p{L}|[- ](?:largest|biggest|\p{L}+est))(?= of|-of|\W|$)/giu;

/** Runs of number words: `two hundred and five`, `einundzwanzig`, `quatre-vingt-dix`. */
export function spelledQuantities(written: string, language: string): Quantity[] {
  const text = written.replace(FRACTION_WORDS, (fraction) => TAKEN.repeat(fraction.length)).replace(/(?<=(?<![\p{L}\p{N}])(?:second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\p{L}+teenth|\p{L}+tieth|eleventh|twelfth))-(?=\p{L}*(?:est|most|worst)(?!\p{L}))/giu, ' ');
  const { small, ordinals, magnitudes, and } = numeralsOf(language);
  const tokens = [...text.matchAll(/(?<![\p{L}\p{N}-])\p{L}[\p{L}\p{M}]*(?:-\p{L}[\p{L}\p{M}]*)*/gu)];
  const found: Quantity[] = [];
  for (let i = 0; i < tokens.length; i++) {
    let total = 0;
    let current = 0;
    let last = -1;
    let hasValue = false;
    let ordinal = false;
    for (let j = i; j < tokens.length; j++) {
      const token = tokens[j];
      const previous = tokens[j - 1];
      if (token === undefined) break;
      if (j > i && previous !== undefined && !/^[\s\u00a0]+$/.test(text.slice(previous.index + previous[0].length, token.index))) break;
      const word = folded(token[0]);
      // Three words first, for `soixante et onze`, `treinta y uno`.
      const three = [0, 1, 2].map((k) => folded(tokens[j + k]?.[0] ?? '')).join(' ');
      const two = three.split(' ').slice(0, 2).join(' ');
      const wide = small.get(three) !== undefined ? 3 : (small.get(two) ?? ordinals.get(two)) !== undefined ? 2 : 1;
      const value = small.get(three) ?? small.get(two) ?? small.get(word) ?? (language === 'de' ? germanCompound(word) : undefined) ?? hyphenHead(word, small);
      const rank = ordinals.get(two) ?? ordinals.get(word);
      const magnitude = magnitudes.get(word);
      if (value !== undefined && !(hasValue && current % 100 !== 0)) {
        current += value;
        hasValue = true;
        last = j + wide - 1;
        j += wide - 1;
      } else if (rank !== undefined && (!hasValue || current % 100 === 0)) {
        current += rank;
        ordinal = true;
        hasValue = true;
        last = j + wide - 1;
        break;
      } else if (magnitude !== undefined && (hasValue || ['hundert', 'tausend', 'mille', 'mil', 'cent', 'cien', 'cento', 'cem', 'honderd', 'duizend', 'dozen'].includes(word))) {
        if (!hasValue && word === 'cent' && language === 'en') break;
        if (magnitude === 100) current = Math.max(1, current) * 100;
        else [total, current] = [(total + Math.max(1, current)) * magnitude, 0];
        hasValue = true;
        last = j;
      } else if (!(word === and && hasValue && (current >= 100 || (current === 0 && total > 0)) && last === j - 1)) {
        break;
      }
    }
    if (!hasValue || last < i) continue;
    const first = tokens[i];
    const final = tokens[last];
    if (first === undefined || final === undefined) continue;
    const head = last === i ? hyphenHeadLength(folded(first[0]), small, first[0]) : undefined;
    const end = head === undefined ? final.index + final[0].length : first.index + head;
    found.push(spelledQuantity({ text, language, start: first.index, end, value: decimalOf(String(total + current)), ordinal, single: last === i }));
    i = last;
  }
  return found;
}

/** `twelve-year-old`, `five-fold`: the number before the hyphen. */
function hyphenHead(word: string, small: ReadonlyMap<string, number>): number | undefined {
  const [head = '', ...rest] = word.split('-');
  return rest.length === 0 ? undefined : small.get(`${head}-${rest[0]}`) ?? small.get(head);
}

function hyphenHeadLength(word: string, small: ReadonlyMap<string, number>, written: string): number | undefined {
  const parts = written.split('-');
  if (parts.length < 2 || small.has(word)) return undefined;
  const pair = parts.slice(0, 2).join('-');
  return small.has(folded(pair)) ? pair.length : small.has(folded(parts[0] ?? '')) ? (parts[0] ?? '').length : undefined;
}

function spelledQuantity({ text, language, start, end, value, ordinal, single }: { text: string; language: string; start: number; end: number; value: Decimal; ordinal: boolean; single: boolean }): Quantity {
  const rest = text.slice(end, end + 60);
  const gap = /^(?:[\s\u00a0]*-?|[\s\u00a0]+(?:of|de) )(?:d['’])?/u.exec(rest)?.[0] ?? '';
  const after = unitAfter(rest.slice(gap.length));
  const unit = ordinal && after?.unit.kind !== 'century' ? undefined : after?.unit;
  const stop = unit === undefined || after === undefined ? end : end + gap.length + after.length;
  return {
    start, end: stop, written: text.slice(start, stop), value: unit === undefined ? value : times(value, unit.factor), kind: ordinal ? 'ordinal' : 'number',
    ...(unit === undefined ? {} : { unit }),
    ...(single && isDoubtful(text.slice(start, end), language) ? { doubtful: true } : {}),
  };
}
