/** Ways to make an honest sentence false. Each gives undefined where it does not apply. */
import type { Random } from '../../random.ts';
import type { Part, Slot, Source } from './claims.fixture.ts';
import { samePlace } from './place-names.ts';

/** What a corruption may draw on: the sentence as rendered, its parts, its source, and other sources of the run. */
export interface Case {
  texts: readonly string[];
  parts: readonly Part[];
  source: Source;
  others: readonly Source[];
  /** All sources, in the order of the evidence. */
  sources: readonly Source[];
  /** Number of the evidence that the sentence cites, and how many there are. */
  id: number;
  count: number;
}

export interface Corrupted {
  texts: readonly string[];
  id: number;
}

export type Corruption = (subject: Case, random: Random) => Corrupted | undefined;

/** Replaces one slot of a kind. The new text must not be said by the source as well: then it would not be false for code to find. */
const onSlot = <Kind extends Slot['kind']>(kind: Kind, change: (text: string, slot: Extract<Slot, { kind: Kind }>, random: Random, subject: Case) => string | undefined): Corruption => (subject, random) => {
  const places = subject.parts.flatMap((part, i) => (typeof part !== 'string' && part.kind === kind ? [i] : []));
  if (places.length === 0) return undefined;
  const at = random.pick(places);
  const slot = subject.parts[at];
  const text = subject.texts[at];
  if (slot === undefined || typeof slot === 'string' || text === undefined || slot.kind !== kind) return undefined;
  const changed = change(text, slot as Extract<Slot, { kind: Kind }>, random, subject);
  if (changed === undefined || changed === text) return undefined;
  return { texts: subject.texts.with(at, changed), id: subject.id };
};

const onText = (pattern: RegExp, replacement: string): Corruption => (subject) => {
  const at = subject.parts.findIndex((part, i) => typeof part === 'string' && pattern.test(subject.texts[i] ?? ''));
  if (at < 0) return undefined;
  return { texts: subject.texts.with(at, (subject.texts[at] ?? '').replace(pattern, replacement)), id: subject.id };
};

const digitsIn = (text: string): number[] => [...text].flatMap((sign, i) => (/\d/.test(sign) ? [i] : []));
const withSign = (text: string, at: number, sign: string): string => text.slice(0, at) + sign + text.slice(at + 1);

/** Whether the digits of `text` are a number that the source has too, in digits or as a word. */
const isSaid = (text: string, { source }: Case): boolean => {
  const digits = text.replace(/[^\d]/g, '').replace(/^0+|0+$/g, '');
  const word = WORDS[Number.parseInt(text.replace(/[^\d]/g, ''), 10) - 2];
  if (word !== undefined && new RegExp(`\\b${word}\\b`, 'i').test(source.text)) return true;
  return [...source.text.matchAll(/\d[\d.,\u202f\u00a0]*/g)].some(([number]) => number.replace(/[^\d]/g, '').replace(/^0+|0+$/g, '') === digits);
};

const changeDigit = (text: string, random: Random): string | undefined => {
  const places = digitsIn(text);
  if (places.length === 0) return undefined;
  const at = random.pick(places);
  return withSign(text, at, String((Number(text[at]) + random.integer(1, 9)) % 10));
};

const unlessSaid = (changed: string | undefined, subject: Case): string | undefined => (changed === undefined || isSaid(changed, subject) ? undefined : changed);

const WORDS = ['two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];

const names = (sources: readonly Source[]): string[] => sources.flatMap(({ claims }) => claims.flat().flatMap((part) => (typeof part === 'string' || part.kind !== 'name' ? [] : part.forms.slice(0, 1))));

/** The same page is claimed about in two languages. */
const familyOf = (source: Source | undefined): string | undefined => (source?.family === 'acrossLanguages' ? 'town' : source?.family);

/** Whether the other source, too, holds every name and number of the sentence. */
const saysTheSame = ({ sources, parts, texts, id: own }: Case, id: number): boolean => {
  const [other, source] = [sources[id - 1], sources[own - 1]];
  // Across languages nothing but names and numbers ties a sentence to its source.
  return (familyOf(other) === familyOf(source) || source?.language !== source?.claimLanguage) && parts.every((part, i) => typeof part === 'string' || [texts[i] ?? '', ...part.forms].some((form) => other?.text.includes(form) === true));
};

const LOOKALIKES: Readonly<Record<string, string>> = { a: 'а', c: 'с', e: 'е', i: 'і', o: 'о', p: 'р', x: 'х', y: 'у' };

/** Writings of the digit 0; those of 1 to 9 follow it. */
const DIGITS_OF_SCRIPTS = [0x660, 0x6f0, 0x966, 0xff10, 0x1d7ce];

const inScript = (text: string, zero: number): string => text.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));

/** The two numbers of a change, "from 12 to 9", in each other's place. */
const swapEnds: Corruption = ({ parts, texts, id }) => {
  const first = parts.findIndex((part, i) => typeof part !== 'string' && part.kind === 'number' && /\bfrom $/.test(texts[i - 1] ?? '') && /^ to $/.test(texts[i + 1] ?? ''));
  const [from, to] = [texts[first], texts[first + 2]];
  return first < 0 || from === undefined || to === undefined || from === to ? undefined : { texts: texts.with(first, to).with(first + 2, from), id };
};

export const CORRUPTIONS: Readonly<Record<string, Corruption>> = {
  'digit changed': onSlot('number', (text, _slot, random, subject) => unlessSaid(changeDigit(text, random), subject)),
  'digits swapped': onSlot('number', (text, _slot, random, subject) => {
    const places = digitsIn(text);
    const pairs = places.flatMap((place, i) => places.slice(i + 1).filter((other) => text[other] !== text[place]).map((other) => [place, other] as const));
    if (pairs.length === 0) return undefined;
    const [a, b] = random.pick(pairs);
    return unlessSaid(withSign(withSign(text, a, text[b] ?? ''), b, text[a] ?? ''), subject);
  }),
  'digit left out': onSlot('number', (text, _slot, random, subject) => {
    const places = digitsIn(text);
    if (places.length < 2) return undefined;
    const at = random.pick(places);
    const shorter = text.slice(0, at) + text.slice(at + 1);
    // "11. percent" and "004" are no numbers that anyone writes.
    if (/\d[.,](?!\d)|(?<!\d)0\d|(?<!\d)[.,]\d/.test(shorter)) return undefined;
    return Number.parseFloat(shorter.replace(/[^\d.]/g, '')) === Number.parseFloat(text.replace(/[^\d.]/g, '')) ? undefined : unlessSaid(shorter, subject);
  }),
  'digit added': onSlot('number', (text, _slot, random, subject) => (digitsIn(text).length === 0 ? undefined : unlessSaid(text.replace(/\d(?!.*\d)/, (digit) => `${digit}${random.integer(1, 9)}`), subject))),
  'number word changed': onSlot('number', (text, _slot, random) => (WORDS.includes(text.toLowerCase()) ? random.pick(WORDS.filter((word) => word !== text.toLowerCase())) : undefined)),
  'decimal point moved': onSlot('number', (text) => {
    const moved = text.replace(/(\d)([.,])(\d)(?!\d\d)/, '$2$1$3').replace(/^(\D*)[.,]/, '$10.');
    return moved === text ? undefined : moved;
  }),
  'magnitude swapped': onSlot('number', (text) => {
    const swaps: readonly [RegExp, string][] = [[/million/, 'billion'], [/billion/, 'million'], [/bn/, 'm'], [/Millionen/, 'Milliarden'], [/Mio\./, 'Mrd.']];
    const swap = swaps.find(([pattern]) => pattern.test(text));
    return swap === undefined ? undefined : text.replace(swap[0], swap[1]);
  }),
  'magnitude lost': onSlot('number', (text) => (/ ?(?:million|billion|bn|Millionen|Mio\.)/.test(text) ? text.replace(/ ?(?:million|billion|bn|Millionen|Mio\.)/, '') : undefined)),
  'unit swapped': onSlot('number', (text) => {
    const swaps: readonly [RegExp, string][] = [
      [/ metres| meters/, ' kilometres'], [/ km\/h/, ' m/s'], [/ kilometres per hour/, ' miles per hour'], [/ kilometres| chilometri/, ' metres'], [/ km/, ' m'], [/ m$/, ' km'], [/ cm/, ' m'], [/ centimetres/, ' millimetres'], [/ mg/, ' g'], [/ milligrams/, ' micrograms'],
      [/\$/, '€'], [/dollars/, 'euros'], [/°C/, '°F'], [/Celsius/, 'Fahrenheit'], [/ ?%| percent| per cent/, ' percentage points'], [/ Prozent/, ' Prozentpunkte'], [/toneladas/, 'kilogramos'],
    ];
    const swap = swaps.find(([pattern]) => pattern.test(text));
    return swap === undefined ? undefined : text.replace(swap[0], swap[1]);
  }),
  'percent lost': onSlot('number', (text, _slot, _random, subject) => {
    if (!/%|percent|per cent|Prozent|pour cent|por ciento/.test(text)) return undefined;
    const bare = text.replace(/\s?(?:%|percent|per cent|Prozent|pour cent|por ciento)/, '');
    // Where the source has the number without a percent sign too, the sentence says another of its numbers.
    return [...subject.source.text.matchAll(/\d+(?:[.,]\d+)*(?!\s?(?:%|[Pp]ro?z?e?r?cent|por|pour))/g)].some(([number]) => number === bare) ? undefined : bare;
  }),
  'sign lost': onSlot('number', (text) => (/^(?:[−-]|minus )/.test(text) ? text.replace(/^(?:[−-]|minus )/, '') : undefined)),
  'part of another number': onSlot('number', (text, slot, random, subject) => {
    if (slot.unit !== undefined || digitsIn(text).length === 0) return undefined;
    const long = [...subject.source.text.matchAll(/\d{3,}|\d[\d,.]{4,}/g)].map(([number]) => number.replace(/[.,]+$/, ''));
    if (long.length === 0) return undefined;
    const piece = random.pick(long).slice(0, 2);
    return /^\d\d$/.test(piece) ? unlessSaid(piece, subject) : undefined;
  }),
  'year off': onSlot('year', (text, _slot, random, subject) => unlessSaid(String(Number(text) + random.pick([-10, -2, -1, 1, 2, 10, 100])), subject)),
  'year of the date off': onSlot('date', (text, { year }, random) => text.replace(String(year), String(year + random.pick([-10, -1, 1, 10])))),
  'day of the date off': onSlot('date', (text, { day, year }, random) => {
    const other = String(((day + random.integer(0, 25)) % 28) + 1).padStart(/\b0\d/.test(text) ? 2 : 1, '0');
    if (Number(other) === day) return undefined;
    if (/^\d{4}-/.test(text)) return text.replace(/-\d\d$/, `-${other.padStart(2, '0')}`);
    const place = text.startsWith(String(day)) || /^0?\d/.test(text) ? /^\d{1,2}/ : new RegExp(`\\b${day}\\b(?!.*\\b${day}\\b)`);
    const changed = text.replace(place, other);
    return changed.includes(String(year)) ? changed : undefined;
  }),
  'month of the date off': onSlot('date', (text, { month, language }, random) => {
    const format = (index: number): string => new Intl.DateTimeFormat(language, { month: 'long', timeZone: 'UTC' }).format(new Date(Date.UTC(2023, index - 1, 15)));
    const other = ((month + random.integer(0, 10)) % 12) + 1;
    if (other === month) return undefined;
    return text.includes(format(month)) ? text.replace(format(month), format(other)) : /^\d{4}-/.test(text) ? text.replace(/-\d\d-/, `-${String(other).padStart(2, '0')}-`) : undefined;
  }),
  'day and month swapped': onSlot('date', (text, { day, month }) => {
    if (day === month || day > 12) return undefined;
    const parts = /^(\d{1,2})([./])(\d{1,2})\2(\d{4})$/.exec(text);
    if (parts !== null) return `${parts[3]}${parts[2]}${parts[1]}${parts[2]}${parts[4]}`;
    return /^\d{4}-/.test(text) ? text.replace(/-(\d\d)-(\d\d)/, '-$2-$1') : undefined;
  }),
  'letter of a name changed': onSlot('name', (text, _slot, random) => {
    const places = [...text].flatMap((sign, i) => (i > 0 && /\p{Ll}/u.test(sign) ? [i] : []));
    if (places.length === 0) return undefined;
    const at = random.pick(places);
    const changed = withSign(text, at, random.pick([...'abcdefghiklmnoprstuvwyz'].filter((sign) => sign !== text[at])));
    // Chili is Chile in French.
    return samePlace(text).has(changed.toLowerCase()) ? undefined : changed;
  }),
  'letters of a name swapped': onSlot('name', (text, _slot, random) => {
    const places = [...text].flatMap((sign, i) => (/\p{Ll}/u.test(sign) && /\p{Ll}/u.test(text[i + 1] ?? '') && sign !== text[i + 1] ? [i] : []));
    if (places.length === 0) return undefined;
    const at = random.pick(places);
    return `${text.slice(0, at)}${text[at + 1]}${text[at]}${text.slice(at + 2)}`;
  }),
  'name of another source': onSlot('name', (text, _slot, random, { source, others }) => {
    const candidates = names(others).filter((other) => other.split(' ').length === text.split(' ').length && other.split(' ').every((part) => !`${source.text} ${source.title}`.includes(part)));
    return candidates.length === 0 ? undefined : random.pick(candidates);
  }),
  'surname of another source': onSlot('name', (text, _slot, random, { source, others }) => {
    const [first, last] = text.split(' ');
    if (last === undefined) return undefined;
    const candidates = names(others).flatMap((other) => other.split(' ')[1] ?? []).filter((other) => !source.text.includes(other));
    return candidates.length === 0 ? undefined : `${first} ${random.pick(candidates)}`;
  }),
  'word of a quote left out': onSlot('quote', (text, _slot, random) => {
    const words = text.split(' ');
    const at = random.integer(1, words.length - 2);
    return words.toSpliced(at, 1).join(' ');
  }),
  'word of a quote changed': onSlot('quote', (text, _slot, random) => {
    const words = text.split(' ');
    const at = random.integer(1, words.length - 2);
    return words.with(at, random.pick(['never', 'perhaps', 'large', 'many', 'seldom'])).join(' ');
  }),
  'words of a quote swapped': onSlot('quote', (text, _slot, random) => {
    const words = text.split(' ');
    const at = random.integer(1, words.length - 3);
    const [a = '', b = ''] = words.slice(at, at + 2);
    return a === b ? undefined : words.with(at, b).with(at + 1, a).join(' ');
  }),
  'letter of a quote changed': onSlot('quote', (text, _slot, random) => {
    const places = [...text].flatMap((sign, i) => (i > 1 && /\p{Ll}/u.test(sign) ? [i] : []));
    const at = random.pick(places);
    return withSign(text, at, random.pick([...'abcdefghiklmnoprstuvwyz'].filter((sign) => sign !== text[at])));
  }),
  'negation lost': onText(/ (?:did not improve|does not apply)/, ' improves and applies'),
  'negation lost, verb kept': (subject, random) => (/did not improve/.test(subject.texts.join('')) ? onText(/ did not improve/, ' improved') : onText(/ does not apply/, ' applies'))(subject, random),
  'negation added': (subject, random) => (/ not /.test(subject.source.text) ? undefined : onText(/ (was|were|had|has) /, ' $1 not ')(subject, random)),
  'direction turned': (subject, random) => (/(?:grew|rose) /.test(subject.texts.join('')) ? onText(/\b(?:grew|[Rr]ose)\b/, 'fell') : onText(/\b(?:creció|stieg)\b/, subject.source.language === 'de' ? 'sank' : 'cayó'))(subject, random),
  'bound turned': onText(/more than/, 'fewer than'),
  'digit of another script changed': onSlot('number', (text, _slot, random, subject) => {
    const changed = unlessSaid(changeDigit(text, random), subject);
    return changed === undefined ? undefined : inScript(changed, random.pick(DIGITS_OF_SCRIPTS));
  }),
  'digit of another script added': onSlot('number', (text, _slot, random, subject) => {
    const digit = random.integer(1, 9);
    const changed = text.replace(/\d(?!.*\d)/, (last) => `${last}${inScript(String(digit), random.pick(DIGITS_OF_SCRIPTS))}`);
    return changed === text || isSaid(text.replace(/\d(?!.*\d)/, `$&${digit}`), subject) ? undefined : changed;
  }),
  'small or circled digit added': onSlot('number', (text, _slot, random) => text.replace(/\d(?!.*\d)/, `$&${random.pick(['²', '⁷', '₃', '⑤', '⅓'])}`)),
  'digit added behind what is not seen': onSlot('number', (text, _slot, random, subject) => {
    const digit = String(random.integer(1, 9));
    const at = random.pick(['\u200b', '\u2060', '\u00ad', '\ufeff', '\u{e0020}', '**', '\u202e']);
    return isSaid(text.replace(/\d(?!.*\d)/, `$&${digit}`), subject) ? undefined : text.replace(/\d(?!.*\d)/, `$&${at}${digit}${at === '**' ? '**' : ''}`);
  }),
  'letter of a name from another script': onSlot('name', (text, _slot, random) => {
    const places = [...text].flatMap((sign, i) => (LOOKALIKES[sign] === undefined ? [] : [i]));
    if (places.length === 0) return undefined;
    const at = random.pick(places);
    return withSign(text, at, LOOKALIKES[text[at] ?? ''] ?? '');
  }),
  'ends of a change swapped': swapEnds,
  'share changed': onText(/\b[Aa] third of/, 'A quarter of'),
  'share made larger': onText(/\b[Aa] third of/, 'Two thirds of'),
  'rank changed': onText(/\bfourth-largest/, 'second-largest'),
  'rank made the first': onText(/\b(?:fifth|5th) woman/, 'first woman'),
  'superlative turned': onText(/\blowest\b/, 'highest'),
  'period changed': onText(/ a day\b| each day\b/, ' a week'),
  'number of a ruler changed': onText(/ IV\b/, ' VI'),
  'number of a ruler lowered': onText(/ IV\b/, ' III'),
  'id off by one': (subject, random) => {
    const id = subject.id + random.pick([-1, 1]);
    return id < 1 || id > subject.count || saysTheSame(subject, id) ? undefined : { texts: subject.texts, id };
  },
  'id of another': (subject, random) => {
    const id = random.integer(1, subject.count);
    return id === subject.id || saysTheSame(subject, id) ? undefined : { texts: subject.texts, id };
  },
  'id unknown': (subject, random) => ({ texts: subject.texts, id: subject.count + random.integer(1, 90) }),
};
