/**
 * Regular expressions as expressions over the bytes of a JSON string: those of JavaScript with the flag `u`, which JSON Schema's `pattern`
 * means, as far as they describe a regular language. What goes beyond is refused by name.
 */
import { R5Error } from '../error.ts';
import { Automaton } from './automaton.ts';
import { LAST_CODE_POINT, type Range, invertRanges, jsonCharacters, normalizeRanges } from './characters.ts';
import { type Expression, NEVER, choice, repeat, sequence, shortestLength } from './expression.ts';

type Syntax =
  | { kind: 'characters'; ranges: readonly Range[] }
  | { kind: 'sequence'; parts: readonly Syntax[] }
  | { kind: 'choice'; options: readonly Syntax[] }
  | { kind: 'repeat'; body: Syntax; minimum: number; maximum: number }
  | { kind: 'start' }
  | { kind: 'end' }
  | { kind: 'ahead'; body: Syntax; negative: boolean };

const ANYTHING = repeat(jsonCharacters([[0, LAST_CODE_POINT]]));
const DIGITS: Range[] = [[0x30, 0x39]];
const WORD: Range[] = [...DIGITS, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]];
const SPACES: Range[] = [[9, 13], [0x20, 0x20], [0xa0, 0xa0], [0x1680, 0x1680], [0x2000, 0x200a], [0x2028, 0x2029], [0x202f, 0x202f], [0x205f, 0x205f], [0x3000, 0x3000], [0xfeff, 0xfeff]];
const ESCAPED_CLASSES: Readonly<Record<string, Range[]>> = { d: DIGITS, w: WORD, s: SPACES };
const LINE_ENDS: Range[] = [[10, 10], [13, 13], [0x2028, 0x2029]];
const CONTROLS: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, 0: 0 };

/**
 * The insides of JSON strings whose text matches `pattern` somewhere (`^` and `$` tie it to the ends), without the quotes. Throws R5Error for
 * what is no regular expression, or none that an automaton can follow: back references, word boundaries, looking behind.
 */
export function patternExpression(pattern: string): Expression {
  let compiled: RegExp;
  try {
    compiled = new RegExp(pattern, 'u');
  } catch (error) {
    throw new R5Error(`${JSON.stringify(pattern)} is not a regular expression: ${error instanceof Error ? error.message : String(error)}.`, { cause: error });
  }
  return textsWith(new Parser(compiled.source).parse(), pattern);
}

/** Whole texts of which the syntax matches a part. */
function textsWith(syntax: Syntax, pattern: string): Expression {
  if (syntax.kind === 'choice') return choice(...syntax.options.map((option) => textsWith(option, pattern)));
  const parts = syntax.kind === 'sequence' ? syntax.parts : [syntax];
  const [only] = parts;
  if (parts.length === 1 && only?.kind === 'choice') return textsWith(only, pattern);
  const start = parts[0]?.kind === 'start' ? 1 : 0;
  const end = parts.at(-1)?.kind === 'end' && parts.length > start ? parts.length - 1 : parts.length;
  const rest = inOrder(parts.slice(start, end), end < parts.length, pattern);
  return start === 1 ? rest : sequence(ANYTHING, rest);
}

/** The parts one after the other up to the end of the text; `tied` when nothing may follow them. */
function inOrder(parts: readonly Syntax[], tied: boolean, pattern: string): Expression {
  const index = parts.findIndex(({ kind }) => kind === 'ahead');
  const before = parts.slice(0, index === -1 ? parts.length : index).map((part) => expressionOf(part, pattern));
  const ahead = parts[index];
  if (ahead?.kind !== 'ahead') return sequence(...before, ...(tied ? [] : [ANYTHING]));
  const rest = Automaton.of(inOrder(parts.slice(index + 1), tied, pattern));
  const condition = Automaton.of(textsWith({ kind: 'sequence', parts: [{ kind: 'start' }, ...partsOf(ahead.body)] }, pattern));
  return sequence(...before, (ahead.negative ? rest.without(condition) : rest.and(condition)).expression);
}

const partsOf = (syntax: Syntax): readonly Syntax[] => (syntax.kind === 'sequence' ? syntax.parts : [syntax]);

function expressionOf(syntax: Syntax, pattern: string): Expression {
  switch (syntax.kind) {
    case 'characters':
      return jsonCharacters(syntax.ranges);
    case 'sequence':
      return sequence(...syntax.parts.map((part) => expressionOf(part, pattern)));
    case 'choice':
      return choice(...syntax.options.map((option) => expressionOf(option, pattern)));
    case 'repeat': {
      const body = expressionOf(syntax.body, pattern);
      // Repeating nothing would only be another way to read the same text.
      if (shortestLength(body) > 0) return repeat(body, syntax.minimum, syntax.maximum);
      return repeat(withoutEmpty(body), 0, syntax.maximum);
    }
    case 'start':
    case 'end':
      throw new R5Error(`The regular expression ${JSON.stringify(pattern)} has ^ or $ inside; r5 enforces them only at the ends of the expression or of an alternative.`);
    case 'ahead':
      throw new R5Error(`The regular expression ${JSON.stringify(pattern)} looks ahead inside a group; r5 enforces that only outside of all groups.`);
  }
}

/** The texts of an expression but the empty one. */
function withoutEmpty(expression: Expression): Expression {
  if (shortestLength(expression) > 0) return expression;
  if (expression.kind === 'choice') return choice(...expression.options.map(withoutEmpty));
  if (expression.kind === 'repeat') return sequence(withoutEmpty(expression.body), repeat(expression.body, 0, expression.maximum - 1));
  if (expression.kind !== 'sequence') throw new TypeError(`${expression.kind} is never empty`);
  const [first, ...rest] = expression.parts;
  if (first === undefined) return NEVER;
  return choice(sequence(withoutEmpty(first), ...rest), withoutEmpty(sequence(...rest)));
}

/** Reads what `new RegExp(source, 'u')` has taken, so that errors of syntax need no looking for. */
class Parser {
  readonly #source: string;
  #position = 0;

  constructor(source: string) {
    this.#source = source;
  }

  parse(): Syntax {
    const options = [this.#alternative()];
    while (this.#take('|')) options.push(this.#alternative());
    const [only] = options;
    return options.length === 1 && only ? only : { kind: 'choice', options };
  }

  #alternative(): Syntax {
    const parts: Syntax[] = [];
    while (this.#position < this.#source.length && !this.#at('|') && !this.#at(')')) parts.push(this.#quantified());
    const [only] = parts;
    return parts.length === 1 && only ? only : { kind: 'sequence', parts };
  }

  #quantified(): Syntax {
    const body = this.#atom();
    const counts = this.#match(/\*|\+|\?|\{(\d+)(,?)(\d*)\}/uy);
    if (!counts) return body;
    this.#take('?');
    const [text, low = '', comma, high] = counts;
    if (text === '*') return { kind: 'repeat', body, minimum: 0, maximum: Infinity };
    if (text === '+') return { kind: 'repeat', body, minimum: 1, maximum: Infinity };
    if (text === '?') return { kind: 'repeat', body, minimum: 0, maximum: 1 };
    return { kind: 'repeat', body, minimum: Number(low), maximum: comma ? (high ? Number(high) : Infinity) : Number(low) };
  }

  #atom(): Syntax {
    if (this.#take('^')) return { kind: 'start' };
    if (this.#take('$')) return { kind: 'end' };
    if (this.#take('.')) return { kind: 'characters', ranges: invertRanges(LINE_ENDS) };
    if (this.#take('[')) return { kind: 'characters', ranges: this.#set() };
    if (this.#take('(')) return this.#group();
    return { kind: 'characters', ranges: this.#character() };
  }

  #group(): Syntax {
    if (this.#at('?<=') || this.#at('?<!')) throw this.#refusal('looks behind');
    const ahead = this.#match(/\?[=!]/uy);
    if (!ahead && !this.#match(/\?:|\?<[^>]*>/uy) && this.#at('?')) throw this.#refusal('changes its flags inside');
    const body = this.parse();
    this.#take(')');
    return ahead ? { kind: 'ahead', body, negative: ahead[0] === '?!' } : body;
  }

  #set(): Range[] {
    const negative = this.#take('^');
    const ranges: Range[] = [];
    while (!this.#take(']')) {
      const low = this.#character(true);
      const first = low[0];
      if (this.#at('-') && this.#source[this.#position + 1] !== ']' && first && low.length === 1 && first[0] === first[1]) {
        this.#take('-');
        const [high] = this.#character(true);
        ranges.push([first[0], high?.[1] ?? first[1]]);
      } else ranges.push(...low);
    }
    return negative ? invertRanges(ranges) : normalizeRanges(ranges);
  }

  /** One character, or the class that an escape stands for. */
  #character(inSet = false): readonly Range[] {
    if (!this.#take('\\')) return single(this.#codePoint());
    const property = this.#match(/[pP]\{[^}]*\}/uy);
    if (property) return charactersWith(`\\${property[0]}`);
    const unicode = this.#match(/u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})/uy);
    if (unicode) return this.#unicode(Number.parseInt(unicode[1] ?? unicode[2] ?? unicode[3] ?? '', 16));
    const control = this.#match(/c([A-Za-z])/uy);
    if (control?.[1]) return single((control[1].codePointAt(0) ?? 0) % 32);
    const letter = String.fromCodePoint(this.#codePoint());
    const named = ESCAPED_CLASSES[letter.toLowerCase()];
    if (named) return letter === letter.toLowerCase() ? named : invertRanges(named);
    const code = CONTROLS[letter];
    if (code !== undefined) return single(code);
    if (inSet && letter === 'b') return single(8);
    if (letter === 'b' || letter === 'B') throw this.#refusal('asks for the boundary of a word');
    if (/[1-9k]/.test(letter)) throw this.#refusal('refers back to a group');
    return single(letter.codePointAt(0) ?? 0);
  }

  /** A character outside the basic plane may be written as two escapes. */
  #unicode(code: number): Range[] {
    if (code < 0xd800 || code > 0xdbff) return single(code);
    const low = this.#match(/\\u([dD][c-fC-F][0-9a-fA-F]{2})/uy);
    return low?.[1] === undefined ? single(code) : single(0x10000 + ((code - 0xd800) << 10) + (Number.parseInt(low[1], 16) - 0xdc00));
  }

  #codePoint(): number {
    const code = this.#source.codePointAt(this.#position) ?? 0;
    this.#position += code > 0xffff ? 2 : 1;
    return code;
  }

  #at(text: string): boolean {
    return this.#source.startsWith(text, this.#position);
  }

  #take(text: string): boolean {
    const found = this.#at(text);
    if (found) this.#position += text.length;
    return found;
  }

  #match(sticky: RegExp): RegExpExecArray | null {
    sticky.lastIndex = this.#position;
    const match = sticky.exec(this.#source);
    if (match) this.#position = sticky.lastIndex;
    return match;
  }

  #refusal(what: string): R5Error {
    return new R5Error(`The regular expression ${JSON.stringify(this.#source)} ${what}, which r5 cannot enforce while sampling.`);
  }
}

const single = (code: number): Range[] => [[code, code]];

/** Unicode has a few hundred of them. */
const classes = new Map<string, readonly Range[]>();

/** The characters that a class of JavaScript's regular expressions has, found by trying all of them. */
function charactersWith(classText: string): readonly Range[] {
  const known = classes.get(classText);
  if (known) return known;
  const all = new RegExp(classText, 'u');
  const ranges: Range[] = [];
  for (let code = 0; code <= LAST_CODE_POINT; code++) {
    if (!all.test(String.fromCodePoint(code))) continue;
    const last = ranges.at(-1);
    if (last?.[1] === code - 1) ranges[ranges.length - 1] = [last[0], code];
    else ranges.push([code, code]);
  }
  classes.set(classText, ranges);
  return ranges;
}

