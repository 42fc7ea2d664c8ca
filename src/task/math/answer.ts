/** What people write as the answer to a problem, read into what it means. */
import { expressionsEqual } from './same-value.ts';
import { numberOf, operate, parseExpression, variablesOf, type Expression } from './expression.ts';
import { plainNotation } from './latex.ts';
import { splitUnit, unitOfCurrency } from './units.ts';

export type MathAnswer =
  | MathValue
  /** Digits in a base that is written behind them: 1011_2. */
  | { kind: 'based'; digits: string; base: number }
  | { kind: 'infinity'; negative: boolean }
  /** Order matters, and the brackets do, which are `:` for a ratio. An inequality is its interval. */
  | { kind: 'tuple'; open: string; close: string; items: readonly MathAnswer[] }
  /** Order does not matter: a set, or several answers. */
  | { kind: 'set'; items: readonly MathAnswer[] }
  | { kind: 'union'; items: readonly MathAnswer[] }
  | { kind: 'matrix'; rows: readonly (readonly MathAnswer[])[] }
  /** x = 3, f(x) = 2x, area = 12. */
  | { kind: 'assignment'; name: string; value: MathAnswer }
  /** Left side minus right side of any other equation. */
  | { kind: 'equation'; difference: Expression }
  /** One word: yes, Monday. A short one may be a product of variables. */
  | { kind: 'word'; word: string; product: Expression | undefined };

export interface MathValue {
  kind: 'value';
  expression: Expression;
  percent: boolean;
  unit: string | undefined;
  /** Other readings: `3m` as three metres, and `1,234` as a list. */
  asUnit?: { expression: Expression; unit: string };
  asList?: MathAnswer;
}

const LONGEST = 600;
const MOST_ITEMS = 40;
const DEEPEST = 6;

/** Undefined for what cannot be read; that is never a right answer. Never throws. */
export function readAnswer(text: string): MathAnswer | undefined {
  if (text.length > LONGEST) return undefined;
  const bare = text.replace(/^[\s*`]+|[\s*`]+$/g, '');
  return readMatrix(bare) ?? readPlain(plainNotation(bare), 0);
}

/** Without marks around it that say nothing. */
const trimmed = (text: string): string => text.replace(/^[\s,;:]+|(?:[\s,;:]|(?<!\.)\.(?=\s*$))+$/g, '');

function readPlain(given: string, depth: number): MathAnswer | undefined {
  const text = trimmed(given);
  if (text === '' || depth > DEEPEST) return undefined;
  if (text === '∅' || /^no (?:real )?solutions?$/i.test(text)) return { kind: 'set', items: [] };
  if (text === 'ℝ' || /^all real numbers$/i.test(text)) return interval(infinite(true), infinite(false), '(', ')');
  const infinity = /^([+-]?)\s*∞$/.exec(text);
  if (infinity) return infinite(infinity[1] === '-');
  const united = cut(text, /\s*∪\s*/y).parts;
  if (united.length > 1) return readItems(united, depth, (items) => ({ kind: 'union', items }));
  const listed = cut(text, /\s*[,;]\s*(?:(?:and|or)\s+)?|\s+(?:and|or)\s+/iy);
  if (listed.parts.length > 1) return readList(listed, depth);
  const related = cut(text, /[=<>≤≥≠∈]/y);
  if (related.parts.length > 1) return readRelation(related, depth);
  return readSet(text, depth) ?? readPlusMinus(text, depth) ?? readWord(text) ?? readValue(text) ?? readTuple(text, depth);
}

const infinite = (negative: boolean): MathAnswer => ({ kind: 'infinity', negative });

interface Pieces {
  parts: string[];
  separators: string[];
}

/** Cuts outside of brackets. A comma among the digits of one number, as in 1,234, does not cut. */
function cut(text: string, separator: RegExp): Pieces {
  const parts: string[] = [];
  const separators: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; ) {
    const letter = text[i] ?? '';
    separator.lastIndex = i;
    const found = depth === 0 ? separator.exec(text)?.[0] : undefined;
    if (found !== undefined && !(found === ',' && isThousands(text, i))) {
      parts.push(text.slice(start, i));
      separators.push(found.trim());
      i = start = i + found.length;
      continue;
    }
    if ('([⦃'.includes(letter)) depth++;
    if (')]⦄'.includes(letter)) depth--;
    i++;
  }
  parts.push(text.slice(start));
  return { parts, separators };
}

const isThousands = (text: string, comma: number): boolean =>
  /(?<![\d.,])[1-9]\d{0,2}(?:,\d{3})*$/.test(text.slice(Math.max(0, comma - 40), comma)) && /^\d{3}(?!\d)/.test(text.slice(comma + 1, comma + 5));

function readItems(parts: readonly string[], depth: number, make: (items: MathAnswer[]) => MathAnswer): MathAnswer | undefined {
  if (parts.length > MOST_ITEMS) return undefined;
  const items: MathAnswer[] = [];
  for (const part of parts) {
    const item = readPlain(part, depth + 1);
    if (!item) return undefined;
    items.push(item);
  }
  return make(items);
}

const isInterval = (answer: MathAnswer): boolean => answer.kind === 'tuple' && answer.open !== ':';

function readList({ parts, separators }: Pieces, depth: number): MathAnswer | undefined {
  return readItems(parts, depth, (items) => {
    const [first, ...others] = items;
    // x < 1 or x > 3 is a union, and x = 1, 2 has one name for both.
    const areInequalities = parts.every((part) => /[<>≤≥]/.test(part)) && items.every(isInterval);
    if (areInequalities && separators.every((separator) => /or$/i.test(separator))) return { kind: 'union', items };
    const isNamedOnce = first?.kind === 'assignment' && others.every((item) => item.kind !== 'assignment');
    return { kind: 'set', items: isNamedOnce ? [first.value, ...others] : items };
  });
}

const VARIABLE = String.raw`\p{L}(?:_\(?[\p{L}\d]+\)?)?`;
/** What may stand before `=` or `∈` as a name: x, x_1, f(x), f^(-1)(x), (x, y), or words. */
const NAMES = [
  VARIABLE,
  String.raw`\p{L}(?:\^\(-1\))?\s*\([\p{L}\d\s,]+\)`,
  String.raw`\(\s*${VARIABLE}(?:\s*,\s*${VARIABLE})+\s*\)`,
  String.raw`\p{L}[\p{L} ]{1,30}`,
];
const NAME = new RegExp(`^(?:${NAMES.join('|')})$`, 'u');
const isName = (text: string): boolean => NAME.test(text) && !/^(?:e|i|pi)$|\b(?:not|or|and)\b/i.test(text);

function readRelation({ parts: given, separators }: Pieces, depth: number): MathAnswer | undefined {
  const parts = given.map((part) => part.trim());
  const [first = '', second = ''] = parts;
  if (parts.length > 4 || parts.includes('') || separators.includes('≠')) return undefined;
  if (separators.includes('∈')) return separators.length === 1 && isName(first) ? readPlain(second, depth + 1) : undefined;
  if (separators.some((sign) => sign !== '=')) return readInequality(parts, separators, depth);
  if (isName(first)) return readAssignment(first, parts.slice(1), depth);
  if (parts.length === 2 && isName(second)) return readAssignment(second, [first], depth);
  return readEquation(parts);
}

/** x = 6/2 = 3 is 3 when all sides behind the name agree. */
function readAssignment(name: string, sides: readonly string[], depth: number): MathAnswer | undefined {
  const values = sides.map((side) => readPlain(side, depth + 1));
  const value = values.at(-1);
  if (!value) return undefined;
  const agrees = (other: MathAnswer | undefined): boolean =>
    other?.kind === 'value' && value.kind === 'value' && expressionsEqual(other.expression, value.expression);
  if (!values.slice(0, -1).every(agrees)) return undefined;
  const own = value.kind === 'value' && variablesOf(value.expression).includes(name);
  return own ? readEquation([name, sides.at(-1) ?? '']) : { kind: 'assignment', name: name.replaceAll(/[\s()]/g, ''), value };
}

/** Sides that are the same expression are a worked line, and its end is the answer; otherwise two sides are an equation. */
function readEquation(sides: readonly string[]): MathAnswer | undefined {
  const values = sides.map(readValue);
  const [left, right] = values;
  const last = values.at(-1);
  if (left?.kind !== 'value' || last?.kind !== 'value') return undefined;
  if (values.every((side) => side?.kind === 'value' && expressionsEqual(side.expression, last.expression))) return last;
  if (values.length !== 2 || right?.kind !== 'value') return undefined;
  const difference = operate('subtract', left.expression, right.expression);
  return variablesOf(difference).length === 0 ? undefined : { kind: 'equation', difference };
}

function interval(from: MathAnswer, to: MathAnswer, open: string, close: string): MathAnswer {
  return { kind: 'tuple', open, close, items: [from, to] };
}

/** x < 3, 3 > x or 1 < x ≤ 3, as an interval of the variable. */
function readInequality(parts: readonly string[], signs: readonly string[], depth: number): MathAnswer | undefined {
  const at = parts.findIndex(isName);
  const rising = signs.every((sign) => '<≤'.includes(sign));
  if (at < 0 || parts.length > 3 || (parts.length === 3 && at !== 1) || !(rising || signs.every((sign) => '>≥'.includes(sign)))) return undefined;
  const [sides, between] = rising ? [parts, signs] : [parts.toReversed(), signs.toReversed()];
  const place = sides.findIndex(isName);
  const low = place === 0 ? undefined : readPlain(sides[place - 1] ?? '', depth + 1);
  const high = place === sides.length - 1 ? undefined : readPlain(sides[place + 1] ?? '', depth + 1);
  if ((place > 0 && !low) || (place < sides.length - 1 && !high)) return undefined;
  const open = low && '≤≥'.includes(between[place - 1] ?? '') ? '[' : '(';
  const close = high && '≤≥'.includes(between[place] ?? '') ? ']' : ')';
  return interval(low ?? infinite(true), high ?? infinite(false), open, close);
}

function readSet(text: string, depth: number): MathAnswer | undefined {
  const inner = /^⦃([^⦃⦄]*)⦄$/.exec(text)?.[1]?.trim();
  if (inner === undefined) return undefined;
  if (inner === '') return { kind: 'set', items: [] };
  // {x | 1 < x} is the interval that its condition describes.
  const condition = new RegExp(String.raw`^${VARIABLE}(?:\s*∈\s*ℝ)?\s*[|:](.*[<>≤≥].*)$`, 'u').exec(inner)?.[1];
  if (condition !== undefined) return readPlain(condition, depth + 1);
  return readItems(cut(inner, /[,;]/y).parts, depth, (items) => ({ kind: 'set', items }));
}

function readTuple(text: string, depth: number): MathAnswer | undefined {
  const ratio = cut(text, /:/y).parts;
  if (ratio.length > 1) return readItems(ratio, depth, (items) => ({ kind: 'tuple', open: ':', close: ':', items }));
  const [, open = '', inner = '', close = ''] = /^([([])(.*)([)\]])$/.exec(text) ?? [];
  const parts = inner.includes(',') ? cutAll(inner) : [];
  return parts.length > 1 ? readItems(parts, depth, (items) => ({ kind: 'tuple', open, close, items })) : undefined;
}

/** At every comma outside of brackets: inside a tuple none of them separates thousands. */
const cutAll = (text: string): string[] => cut(text.replaceAll(',', ', '), /,\s*/y).parts;

function readPlusMinus(text: string, depth: number): MathAnswer | undefined {
  if (!text.includes('±')) return undefined;
  return readItems([text.replaceAll('±', '+'), text.replaceAll('±', '-')], depth, (items) => ({ kind: 'set', items }));
}

const MAGNITUDES: Readonly<Record<string, bigint>> = {
  hundred: 100n,
  thousand: 1000n,
  million: 1_000_000n,
  billion: 1_000_000_000n,
  trillion: 1_000_000_000_000n,
};
const TRIGONOMETRIC = /\b(?:sin|cos|tan|cot|sec|csc)\b/;

/** A number or an expression, with what may stand around it: money, percent, a unit. */
function readValue(text: string): MathAnswer | undefined {
  return readBased(text) ?? readMoneyOrPercent(text) ?? readCounted(text);
}

function readMoneyOrPercent(text: string): MathAnswer | undefined {
  const money = /^(-?)\s*([$€£¥])\s*(.*)$/.exec(text) ?? /^()(?=.*\d\s*([$€£¥])$)(.*)[$€£¥]$/.exec(text);
  const [, sign = '', currency = '', amount = ''] = money ?? [];
  const body = money ? `${sign}${amount}`.trim() : text;
  const percented = /^(.*?)\s*(?:%|percent)$/i.exec(body)?.[1];
  const expression = money || percented !== undefined ? readNumber(percented ?? body) : undefined;
  return expression && { kind: 'value', expression, percent: percented !== undefined, unit: money ? unitOfCurrency(currency) : undefined };
}

/** With a unit or without. A unit that may as well be a variable is kept as a second reading. */
function readCounted(text: string): MathAnswer | undefined {
  const body = TRIGONOMETRIC.test(text) ? text.replace(/(\d)\s*deg(?:rees?)?\b/g, '$1 (pi/180)') : text;
  const tail = splitUnit(body);
  const counted = tail && readNumber(tail.body);
  const asUnit = counted && variablesOf(counted).length === 0 ? { expression: counted, unit: tail.unit } : undefined;
  if (asUnit && tail?.ambiguous === false) return plainValue(asUnit.expression, asUnit.unit === '' ? undefined : asUnit.unit);
  const expression = readNumber(body);
  if (!expression) return undefined;
  const asList = /^[1-9]\d{0,2}(?:,\d{3})+$/.test(body) ? body.split(',').map((part) => plainValue(numberOf(BigInt(part)))) : undefined;
  return { ...plainValue(expression), ...(asUnit ? { asUnit } : {}), ...(asList ? { asList: { kind: 'set', items: asList } } : {}) };
}

const plainValue = (expression: Expression, unit?: string): MathValue => ({ kind: 'value', expression, percent: false, unit });

/** Numbers with thousands apart, mixed numbers, millions; then any expression. */
function readNumber(given: string): Expression | undefined {
  const magnitude = /^(.*\d)\s*(hundred|thousand|million|billion|trillion)$/i.exec(given.trim());
  const factor = MAGNITUDES[magnitude?.[2]?.toLowerCase() ?? ''];
  let text = (magnitude?.[1] ?? given).trim();
  if (!text.includes('(')) text = text.replace(/(?<![\d.,])[1-9]\d{0,2}(?:,\d{3})+(?!\d)/g, (digits) => digits.replaceAll(',', ''));
  if (/^-?[1-9]\d{0,2}(?: \d{3})+(?:\.\d+)?$/.test(text)) text = text.replaceAll(' ', '');
  const mixed = /^(-?)\s*(\d+)\s+(\d+)\s*\/\s*(\d+)$/.exec(text);
  const expression = parseExpression(mixed ? `${mixed[1]}(${mixed[2]}+${mixed[3]}/${mixed[4]})` : text);
  return expression && factor !== undefined ? operate('multiply', expression, numberOf(factor)) : expression;
}

function readBased(text: string): MathAnswer | undefined {
  const [, sign = '', digits = '', written = ''] = /^(-?)([0-9A-Za-z]*\d[0-9A-Za-z]*)\s*_\s*\(?(\d{1,2})\)?$/.exec(text) ?? [];
  const base = Number(written);
  const fits = digits !== '' && base >= 2 && base <= 36 && [...digits].every((digit) => Number.parseInt(digit, 36) < base);
  return fits ? { kind: 'based', digits: `${sign}${digits.replace(/^0+(?=.)/, '').toLowerCase()}`, base } : undefined;
}

function readWord(text: string): MathAnswer | undefined {
  const word = /^\(?(\p{L}[\p{L}']{1,29})\)?$/u.exec(text)?.[1];
  if (word === undefined || word === 'pi') return undefined;
  return { kind: 'word', word: word.toLowerCase(), product: word.length <= 3 ? parseExpression(word) : undefined };
}

/** `pmatrix` and `bmatrix`, or `array` and `matrix` between brackets, alone or behind the matrix's name. */
const MATRIX = new RegExp(
  [
    String.raw`^\$*(?:[A-Za-z](?:\^\{-1\})?\s*=\s*)?(?:\\begin\{([pb]matrix)\}(.*)\\end\{\1\}`,
    String.raw`|\\left\s*[(\[]\s*\\begin\{(array|matrix)\}(?:\{[^}]*\})?(.*)\\end\{\3\}\s*\\right\s*[)\]])\$*\.?$`,
  ].join(''),
  's',
);

function readMatrix(text: string): MathAnswer | undefined {
  const found = MATRIX.exec(text);
  const inner = found?.[2] ?? found?.[4];
  if (inner === undefined) return undefined;
  const lines = inner.split('\\\\').filter((row) => row.trim() !== '');
  if (lines.length === 0 || lines.length > MOST_ITEMS) return undefined;
  const rows: MathAnswer[][] = [];
  for (const line of lines) {
    const row: MathAnswer[] = [];
    for (const cell of line.split('&')) {
      const item = readPlain(plainNotation(cell), 1);
      if (!item) return undefined;
      row.push(item);
    }
    rows.push(row);
  }
  return { kind: 'matrix', rows };
}
