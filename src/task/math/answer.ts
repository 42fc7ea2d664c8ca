/** What people write as the answer to a problem, read: numbers and expressions, percent, money, units, tuples, sets, intervals, matrices, words. */
import { parseExpression, type Expression } from './expression.ts';
import { plainNotation } from './latex.ts';

export type MathAnswer =
  | { kind: 'value'; value: Expression; percent: boolean; unit: string | undefined }
  /** Order matters, and for an interval so do the brackets. */
  | { kind: 'tuple'; open: string; close: string; items: MathAnswer[] }
  /** Order does not matter: a set, or several answers. */
  | { kind: 'set'; items: MathAnswer[] }
  | { kind: 'matrix'; rows: MathAnswer[][] }
  /** One word or letter: yes, no, A, Monday. */
  | { kind: 'word'; word: string };

const LONGEST = 600;
const MOST_ITEMS = 40;

const UNITS =
  'degrees?|deg|radians?|rad|inch(?:es)?|in|feet|foot|ft|yards?|yd|miles?|mi|mph|km/h|kph|millimet(?:er|re)s?|mm|centimet(?:er|re)s?|cm|met(?:er|re)s?|m|kilomet(?:er|re)s?|km|' +
  'grams?|g|kilograms?|kg|pounds?|lbs?|ounces?|oz|tons?|lit(?:er|re)s?|l|ml|gallons?|quarts?|pints?|cups?|seconds?|secs?|s|minutes?|mins?|hours?|hrs?|h|days?|weeks?|months?|years?|yrs?|' +
  'dollars?|cents?|euros?|usd|square units?|cubic units?|units?|people|persons?|students?|apples?|marbles?|ways?|points?|books?|times';
const UNIT = new RegExp(`^(.*?[\\d)\\s])\\s*(?:(?:square|cubic|sq\\.?|cu\\.?)\\s+)?((?:${UNITS})(?:\\s*\\^\\s*\\(?[23]\\)?|[²³])?(?:\\s*(?:/|per)\\s*(?:${UNITS}))?)\\.?$`, 'i');

/** Undefined for what cannot be read; that is never a right answer. */
export function readAnswer(text: string): MathAnswer | undefined {
  if (text.length > LONGEST) return undefined;
  const matrix = readMatrix(text);
  if (matrix) return matrix;
  return readPlain(plainNotation(text).replace(/^(?:[\s,;]|\.(?!\d))+|[\s.,;]+$/g, ''));
}

function readPlain(text: string): MathAnswer | undefined {
  if (text === '') return undefined;
  const stripped = text.replace(/^(?:[a-zA-Z]|\([a-zA-Z]\s*,\s*[a-zA-Z]\)|[a-zA-Z]\([a-zA-Z]\))\s*=\s*/, '');
  if (stripped !== text) return readPlain(stripped);
  if (text.includes('∪')) return readItems(text.split('∪'), (items) => ({ kind: 'set', items }));
  const set = /^⦃(.*)⦄$/.exec(text)?.[1];
  if (set !== undefined) return set.trim() === '' ? { kind: 'set', items: [] } : readItems(splitTop(set), (items) => ({ kind: 'set', items }));
  const number = readValue(text);
  if (number) return number;
  const bracketed = /^([([])(.*)([)\]])$/.exec(text);
  if (bracketed) {
    const [, open = '', inner = '', close = ''] = bracketed;
    const parts = splitTop(inner);
    if (parts.length > 1) return readItems(parts, (items) => ({ kind: 'tuple', open, close, items }));
  }
  const several = splitTop(text).flatMap((part) => part.split(/\s+(?:and|or)\s+/));
  if (several.length > 1) return readItems(several, (items) => ({ kind: 'set', items }));
  if (text.includes('±')) return readPlain([text.replace('±', '+'), text.replace('±', '-')].join(' , '));
  const word = /^\(?([a-z]{1,30})\)?$/i.exec(text)?.[1];
  return word === undefined ? undefined : { kind: 'word', word: word.toLowerCase() };
}

function readItems(parts: readonly string[], make: (items: MathAnswer[]) => MathAnswer): MathAnswer | undefined {
  if (parts.length > MOST_ITEMS) return undefined;
  const items: MathAnswer[] = [];
  for (const part of parts) {
    const item = readPlain(part.trim());
    if (!item) return undefined;
    items.push(item);
  }
  return make(items);
}

/** Cuts at commas outside of brackets; a comma between a digit and three digits separates thousands. */
function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i] ?? '';
    if ('([⦃'.includes(letter)) depth++;
    if (')]⦄'.includes(letter)) depth--;
    if ((letter !== ',' && letter !== ';') || depth !== 0) continue;
    parts.push(text.slice(start, i));
    start = i + 1;
  }
  parts.push(text.slice(start));
  return parts;
}

/** A number or an expression, with what may stand around it. */
function readValue(text: string): MathAnswer | undefined {
  let body = text.replace(/^\\?[$€£]\s*|^-\s*\\?[$€£]\s*/, (sign) => (sign.startsWith('-') ? '-' : ''));
  let percent = false;
  const percented = /^(.*?)\s*(?:%|percent(?:age)?)$/i.exec(body)?.[1];
  if (percented !== undefined) [body, percent] = [percented, true];
  let unit: string | undefined;
  const united = percent ? null : UNIT.exec(body);
  // Letters are variables where the whole is an expression: 3m is three times m only if nothing else says otherwise.
  if (united && !/[a-zA-Z]/.test((united[1] ?? '').replace(/sqrt|pi|nthRoot/g, ''))) [body, unit] = [united[1] ?? '', (united[2] ?? '').toLowerCase()];
  const digits = body.trim().replace(/(?<=\d),(?=\d{3}(?!\d))/g, '');
  // 2 1/2 is two and a half.
  const mixed = /^(-?)(\d+) +(\d+)\s*\/\s*(\d+)$/.exec(digits);
  const plain = mixed ? `${mixed[1]}(${mixed[2]} + ${mixed[3]}/${mixed[4]})` : digits;
  if (/,/.test(plain.replace(/nthRoot\([^,]*, \d+\)/g, '')) || /\d\s+\d/.test(plain)) return undefined;
  const value = parseExpression(plain);
  return value ? { kind: 'value', value, percent, unit } : undefined;
}

function readMatrix(text: string): MathAnswer | undefined {
  const inner = /\\begin\{[pbvBV]?matrix\}(.*)\\end\{[pbvBV]?matrix\}/s.exec(text)?.[1];
  if (inner === undefined) return undefined;
  const rows: MathAnswer[][] = [];
  for (const line of inner.split('\\\\').filter((row) => row.trim() !== '')) {
    const row: MathAnswer[] = [];
    for (const cell of line.split('&')) {
      const item = readPlain(plainNotation(cell));
      if (!item) return undefined;
      row.push(item);
    }
    rows.push(row);
  }
  return rows.length > 0 && rows.length <= MOST_ITEMS ? { kind: 'matrix', rows } : undefined;
}
