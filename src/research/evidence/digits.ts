/** Digits of all scripts as those of ASCII, each in its place. */

const DIGIT = /\p{Nd}/u;

const SEPARATORS: Readonly<Record<string, string>> = { '\u066b': '.', '\u066c': ',' };

/** The text, unit by unit as long, with `٣` and `３` written as 3, and the small digits of `CO₂` as others. */
export function withPlainDigits(text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  return text
    .replace(/[^\P{Nd}0-9]/gu, (sign) => (sign.length === 1 ? String(valueOf(sign.charCodeAt(0))) : sign))
    .replace(/(?<=\p{L})[₀-₉]+/gu, (small) => [...small].map((sign) => String(sign.charCodeAt(0) - 0x2080)).join(''))
    .replace(/(?<=\d)[\u066b\u066c](?=\d)/g, (sign) => SEPARATORS[sign] ?? sign);
}

/** A script's ten digits begin at a code point that ends in 0 or 6. */
const valueOf = (code: number): number => (DIGIT.test(String.fromCharCode(code & ~0xf)) ? code & 0xf : (code & 0xf) - 6);

/** Signs that count and that are not read here: `⑦`, `²` after a digit, `Ⅷ`, `⅓`, the bold digits of mathematics; each with the digits beside it. */
export function unreadNumbers(text: string): { start: number; end: number }[] {
  return [...withPlainDigits(text).matchAll(/[\p{N}.,]*[^\P{N}0-9½¼¾⅕⅖⅗⅘⅛⅜⅝⅞][\p{N}.,]*/gu)].flatMap((match) => {
    const found = match[0].replace(/[.,]+$/, '');
    const isUnit = /^[²³]$/.test(found) && /\p{L}$/u.test(text.slice(0, match.index));
    return isUnit ? [] : [{ start: match.index, end: match.index + found.length }];
  });
}
