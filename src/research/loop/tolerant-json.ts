/**
 * The JSON value in what a model wrote. Weak models put words around it, fences, comments, Python's constants, single or typographic quotes, commas too
 * many or too few, line breaks inside of strings, and stop in the middle. Each of these is read as what was meant; what cannot be read is an
 * error, never an empty value.
 */
import { R5Error } from '../../error.ts';
import type { JsonValue } from '../../run/json.ts';

/** Deeper than any answer that was asked for. */
const DEEPEST = 64;

/** Places where a value may begin that are tried; a text with more opening brackets that lead nowhere is no answer. */
const MOST_STARTS = 200;

/**
 * The values that the text may mean, likeliest first, at least one; throws R5Error saying what is wrong. Of several the last one that is whole
 * is the likeliest, since models think aloud first; but they say something afterwards too, with brackets in it. Of one that was cut off there is
 * what there was, with its open ends closed. Where all is a thought that was never closed, the value that it ends with is the answer.
 */
export function jsonValues(text: string): JsonValue[] {
  const plain = withoutThinking(text).trim();
  const strict = strictJson(plain);
  if (strict !== undefined) return [strict];
  const found = plain === '' ? valuesIn(text).filter(({ whole, end }) => whole && /^[\s`]*$/.test(text.slice(end))) : valuesIn(plain);
  if (found.length === 0) throw new R5Error(plain === '' ? 'the answer was empty' : `there is no JSON in the answer: ${JSON.stringify(plain.slice(0, 120))}`);
  return [...found.filter(({ whole }) => whole).reverse(), ...found.filter(({ whole }) => !whole).reverse()].map(({ value }) => value);
}

interface FoundValue {
  value: JsonValue;
  whole: boolean;
  end: number;
}

function valuesIn(plain: string): FoundValue[] {
  const all: FoundValue[] = [];
  let at = 0;
  for (let tries = 0; tries < MOST_STARTS; tries++) {
    const start = at + plain.slice(at).search(/[[{]/);
    if (start < at) break;
    const reader = new Reader(plain, start);
    const value = reader.value(0);
    const found = value === undefined || isEmpty(value, reader.cut) ? undefined : { value, whole: !reader.cut, end: reader.at };
    if (found) all.push(found);
    at = Math.max(start + 1, found ? reader.at : start + 1);
  }
  return all;
}

/** Thoughts that leaked into the answer, with or without their opening mark, or never closed. */
export function withoutThinking(text: string): string {
  const closed = text.replaceAll(/<(think|thinking|reasoning|thought)>[\s\S]*?<\/\1>/gi, '');
  const end = [...closed.matchAll(/<\/(?:think|thinking|reasoning|thought)>/gi)].at(-1);
  const answer = end === undefined ? closed : closed.slice(end.index + end[0].length);
  const open = /<(?:think|thinking|reasoning|thought)>/i.exec(answer);
  return open === null ? answer : answer.slice(0, open.index);
}

function strictJson(text: string): JsonValue | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as JsonValue) : undefined;
  } catch {
    // The reader below makes more of it, or says what is wrong.
    return undefined;
  }
}

/** Brackets around nothing. A name in them says of what there is nothing, unless the text ended there. */
function isEmpty(value: JsonValue, cut: boolean): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const items = Object.values(value);
  return Array.isArray(value) || cut ? items.every((item) => isEmpty(item, cut)) : items.length === 0;
}

const CLOSING: Readonly<Record<string, string>> = { '"': '"', "'": "'", '“': '”', '‘': '’', '`': '`' };
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };
const WORDS: Readonly<Record<string, JsonValue>> = { true: true, false: false, null: null, True: true, False: false, None: null, undefined: null, NaN: null };

class Reader {
  readonly #text: string;
  at: number;
  /** Whether the text ended before the value did. */
  cut = false;

  constructor(text: string, at: number) {
    this.#text = text;
    this.at = at;
  }

  /** Undefined where no value begins. */
  value(depth: number): JsonValue | undefined {
    this.#skip();
    const character = this.#text[this.at];
    if (character === undefined || depth > DEEPEST) return undefined;
    if (character === '{') return this.#object(depth);
    if (character === '[') return this.#array(depth);
    if (character in CLOSING) return this.#string(CLOSING[character] ?? character);
    return this.#bare();
  }

  #object(depth: number): JsonValue {
    const fields: Record<string, JsonValue> = {};
    this.at++;
    for (;;) {
      this.#skip(',');
      const character = this.#text[this.at];
      if (character === undefined) return this.#cutOff(fields);
      if (character === '}' || character === ']') return this.#closed(fields);
      const name = character in CLOSING ? this.#string(CLOSING[character] ?? character) : this.#name();
      this.#skip();
      if (this.cut) return fields;
      if (this.#text[this.at] !== ':') {
        if (this.at >= this.#text.length) return this.#cutOff(fields);
        if (name === '') this.at++;
        continue;
      }
      this.at++;
      const value = this.value(depth + 1);
      if (value === undefined) return this.#cutOff(fields);
      if (this.cut && isEmpty(value, true)) return fields;
      Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
      if (this.cut) return fields;
    }
  }

  #array(depth: number): JsonValue {
    const items: JsonValue[] = [];
    this.at++;
    for (;;) {
      this.#skip(',');
      const character = this.#text[this.at];
      if (character === undefined) return this.#cutOff(items);
      if (character === ']' || character === '}') return this.#closed(items);
      const before = this.at;
      const value = this.value(depth + 1);
      if (value === undefined) return this.#cutOff(items);
      if (this.cut && isEmpty(value, true)) return items;
      items.push(value);
      if (this.cut) return items;
      if (this.at === before) this.at++;
    }
  }

  #closed(value: JsonValue): JsonValue {
    this.at++;
    return value;
  }

  #cutOff(value: JsonValue): JsonValue {
    this.cut = true;
    return value;
  }

  #string(closing: string): string {
    let text = '';
    for (this.at++; this.at < this.#text.length; this.at++) {
      const character = this.#text[this.at] ?? '';
      if (character === '\\') text += this.#escape();
      else if (character === closing && this.#endsHere()) {
        this.at++;
        return text;
      } else text += character;
    }
    this.cut = true;
    return text;
  }

  /** A quotation mark ends a string where something follows that goes on after one; else it was meant as a letter. */
  #endsHere(): boolean {
    const rest = this.#text.slice(this.at + 1, this.at + 200).replace(/^\s+/, '');
    return rest === '' || /^(?:[}\]:"'“‘]|,\s*(?:["'“‘{[\]}\d-]|true|false|null|[A-Za-z_]\w*\s*:|$)|\/\/|\/\*|["'“‘]?\w+["'”’]?\s*:)/.test(rest) || /^\s*\n\s*["'“‘{[]/.test(this.#text.slice(this.at + 1, this.at + 200));
  }

  #escape(): string {
    const escaped = this.#text[++this.at] ?? '';
    if (escaped === 'u') {
      const digits = this.#text.slice(this.at + 1, this.at + 5);
      if (/^[0-9a-f]{4}$/i.test(digits)) {
        this.at += 4;
        return String.fromCharCode(parseInt(digits, 16));
      }
    }
    return ESCAPES[escaped] ?? escaped;
  }

  /** A number, a constant, or words without quotes. */
  #bare(): JsonValue | undefined {
    const text = /^[^,}\]\n:]+/.exec(this.#text.slice(this.at))?.[0] ?? '';
    this.at += text.length;
    const word = text.trim();
    if (word === '') return undefined;
    if (Object.hasOwn(WORDS, word)) return WORDS[word];
    return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(word) ? Number(word) : word;
  }

  #name(): string {
    const name = /^[^\s:,}\]]+/.exec(this.#text.slice(this.at))?.[0] ?? '';
    this.at += name.length;
    return name;
  }

  /** Blanks, comments, and the characters named. */
  #skip(also = ''): void {
    for (;;) {
      const rest = this.#text.slice(this.at, this.at + 2);
      const character = rest[0];
      if (character === undefined) return;
      if (rest === '//') this.at = endOf(this.#text, '\n', this.at);
      else if (rest === '/*') this.at = endOf(this.#text, '*/', this.at);
      else if (/\s/.test(character) || also.includes(character)) this.at++;
      else return;
    }
  }
}

function endOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found + mark.length;
}
