/** Sets of characters as expressions over the bytes that stand for them: in UTF-8, and in a JSON string. */
import { type Expression, byteRanges, choice, literal, oneOf, repeat, sequence } from './expression.ts';

/** Code points from the first to the second, both included. */
export type Range = readonly [number, number];

export const LAST_CODE_POINT = 0x10ffff;
const SURROGATES: Range = [0xd800, 0xdfff];

/** Sorted ranges that do not overlap or touch. */
export function normalizeRanges(ranges: readonly Range[]): Range[] {
  const result: [number, number][] = [];
  for (const [low, high] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else result.push([low, high]);
  }
  return result;
}

/** All other code points. */
export function invertRanges(ranges: readonly Range[]): Range[] {
  const result: Range[] = [];
  let from = 0;
  for (const [low, high] of normalizeRanges(ranges)) {
    if (low > from) result.push([from, low - 1]);
    from = high + 1;
  }
  if (from <= LAST_CODE_POINT) result.push([from, LAST_CODE_POINT]);
  return result;
}

export function intersectRanges(a: readonly Range[], b: readonly Range[]): Range[] {
  return invertRanges([...invertRanges(a), ...invertRanges(b)]);
}

/** One character of the ranges in UTF-8. Surrogates are no characters. */
export function utf8Characters(ranges: readonly Range[]): Expression {
  const characters = intersectRanges(ranges, invertRanges([SURROGATES]));
  const ascii = characters.filter(([low]) => low < 0x80).map(([low, high]): Range => [low, Math.min(high, 0x7f)]);
  const lengths: Range[] = [[0x80, 0x7ff], [0x800, 0xffff], [0x10000, LAST_CODE_POINT]];
  const longer = lengths.flatMap((length, index) => intersectRanges(characters, [length]).flatMap((range) => byteSequences(range, index + 1)));
  return choice(...(ascii.length > 0 ? [byteRanges(...ascii)] : []), ...longer);
}

/** Splits a range of characters that take `continuations` + 1 bytes until each piece is a product of byte ranges. */
function byteSequences([low, high]: Range, continuations: number): Expression[] {
  for (let bits = 6; bits <= 6 * continuations; bits += 6) {
    const block = 1 << bits;
    const lowBlock = Math.floor(low / block);
    const highBlock = Math.floor(high / block);
    if (lowBlock === highBlock) break;
    if (low % block !== 0) return [...byteSequences([low, (lowBlock + 1) * block - 1], continuations), ...byteSequences([(lowBlock + 1) * block, high], continuations)];
    if (high % block !== block - 1) return [...byteSequences([low, highBlock * block - 1], continuations), ...byteSequences([highBlock * block, high], continuations)];
  }
  const encoder = new TextEncoder();
  const first = encoder.encode(String.fromCodePoint(low));
  const last = encoder.encode(String.fromCodePoint(high));
  return [sequence(...Array.from(first, (byte, index) => byteRanges([byte, last[index] ?? byte])))];
}

/** One character of the ranges inside a JSON string, as JSON.stringify writes it: no escape where none is needed. */
export function jsonCharacters(ranges: readonly Range[]): Expression {
  const escaped: Range[] = [[0, 0x1f], [0x22, 0x22], [0x5c, 0x5c]];
  const escapes = intersectRanges(ranges, escaped).flatMap(([low, high]) =>
    Array.from({ length: high - low + 1 }, (_, index) => literal(JSON.stringify(String.fromCodePoint(low + index)).slice(1, -1))),
  );
  return choice(utf8Characters(intersectRanges(ranges, invertRanges(escaped))), ...escapes);
}

/** Any character inside a JSON string as JSON.stringify writes it; each string then has one spelling. */
export const CANONICAL_CHARACTER = jsonCharacters([[0, LAST_CODE_POINT]]);

const hex = oneOf('0123456789abcdefABCDEF');
const hexThree = repeat(hex, 3, 3);
const hexTwo = repeat(hex, 2, 2);
const escape = choice(
  oneOf('"\\/bfnrt'),
  sequence(
    'u',
    choice(
      sequence(oneOf('0123456789abcefABCEF'), hexThree),
      sequence(oneOf('dD'), oneOf('01234567'), hexTwo),
      // Half a pair alone is no character.
      sequence(oneOf('dD'), oneOf('89abAB'), hexTwo, '\\u', oneOf('dD'), oneOf('cdefCDEF'), hexTwo),
    ),
  ),
);

/** Any character inside a JSON string in any spelling that JSON has for it. */
export const ANY_CHARACTER = choice(utf8Characters([[0x20, 0x21], [0x23, 0x5b], [0x5d, LAST_CODE_POINT]]), sequence('\\', escape));

/** Any character of plain text. */
export const TEXT_CHARACTER = utf8Characters([[0, LAST_CODE_POINT]]);
