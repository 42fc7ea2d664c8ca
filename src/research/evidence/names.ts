/** Names in a sentence, and whether a source holds them. */
import { isGermanNoun, isListedGermanNoun, isOpener, TITLES } from './common-words.ts';
import { isEnglishWord } from './english-words.ts';
import { isTown } from './german-towns.ts';
import { folded } from './language.ts';
import { isPlace, samePlace } from './place-names.ts';
import type { Vocabulary } from './vocabulary.ts';

/** A word with a capital letter, with those beside it. */
export interface CapitalWord {
  start: number;
  end: number;
  written: string;
  /** May have its capital only because a sentence, a quotation or a cell begins here. */
  initial: boolean;
  /** The word before, as it stands in the text; and whether only a space or hyphen parts the two. */
  before: string;
  joinedToPrevious: boolean;
  /** Stands right after a number, which was blanked: "three ships". */
  counted: boolean;
}

const WORD = /(?:\p{L}\.){2,}(?:\p{L}(?![\p{L}\p{N}]))?|[\p{L}][\p{L}\p{M}\p{N}]*(?:['’&][\p{L}\p{N}][\p{L}\p{M}\p{N}]*)*/gu;
const SENTENCE_START = /(?:^|[.!?:;|•"“”„«»‹›([‘])[\s\u200b*_]*(?:["“„«([]\s*)*$/u;

/** Small words inside names: Ludwig van Beethoven, Rio de Janeiro. */
const PARTICLE = /^(?:van|von|der|den|de|del|della|di|da|do|dos|das|du|la|le|of|the|and|y|e|et|und|bin|ibn|al|el|zu|für|for)$/u;

/** `'`-endings and elided articles are the grammar's: Berlin's, l'Allemagne. */
const bare = (word: string): string => word.replace(/['’](?:s|S)?$/u, '').replace(/^(?:[ldnsjmtcLDNSJMTC]|qu|Qu|dell|Dell|all|nell|sull|dall)['’](?=\p{Lu})/u, '');

export function findCapitalWords(text: string): CapitalWord[] {
  const found: CapitalWord[] = [];
  let previousWord = '';
  let previousEnd = -1;
  let previousCapital = false;
  for (const match of text.matchAll(WORD)) {
    const written = bare(match[0]);
    const start = match.index + match[0].indexOf(written);
    const isCapital = /\p{Lu}/u.test(written);
    if (isCapital) {
      const gap = text.slice(Math.max(0, previousEnd), start);
      found.push({
        start, end: start + written.length, written, before: previousWord,
        // The sign that stands where a number stood.
        counted: text.slice(0, match.index).trimEnd().endsWith('\u0001'),
        initial: SENTENCE_START.test(text.slice(0, match.index)),
        joinedToPrevious: previousCapital && /^(?:[\s\u00a0]|\.?[\s\u00a0]|-|\.)$/u.test(gap),
      });
    }
    previousWord = match[0];
    previousEnd = match.index + match[0].length;
    previousCapital = isCapital;
  }
  return found;
}

/** Of rulers and wars; as initials they would be anybody's. */
const ROMAN = /^[IVX]+$/;

/** What names are looked for in: cited spans with the titles of their documents, and the whole documents for what a span's name is in full. */
export class NameSource {
  readonly #tokens = new Set<string>();
  readonly #exact = new Set<string>();
  readonly #initials = new Set<string>();
  readonly #pairs = new Map<string, Set<string>>();
  readonly #capitals: string[] = [];
  readonly #text: string;
  readonly #whole: string;
  readonly #language: string;

  constructor(texts: readonly string[], documents: readonly string[], language: string) {
    this.#language = language;
    this.#text = ` ${texts.map((text) => words(text).map(folded).join(' ')).join(' | ')} `;
    this.#whole = ` ${documents.map((text) => words(text).map(folded).join(' ')).join(' | ')} `;
    for (const text of texts) this.#read(text);
  }

  #read(text: string): void {
    for (const part of text.split(/[.!?:;|\n](?=\s|$)/u)) this.#readPart(words(part));
  }

  /** Of one sentence: a name does not run over its end. */
  #readPart(all: readonly string[]): void {
    for (const [i, word] of all.entries()) {
      this.#tokens.add(folded(word));
      this.#exact.add(word);
      for (const part of word.split(/['’&]/)) this.#tokens.add(folded(part));
      const dotless = word.replaceAll('.', '');
      if (dotless !== word) this.#tokens.add(folded(dotless));
      const next = all[i + 1];
      if (!/^\p{Lu}/u.test(word)) continue;
      this.#capitals.push(word);
      if (next !== undefined && /^\p{Lu}/u.test(next)) this.#pairs.set(folded(word), (this.#pairs.get(folded(word)) ?? new Set()).add(folded(next)));
      // Initials of up to eight words that begin here, with and without the small ones.
      let short = '';
      let long = '';
      for (const part of all.slice(i, i + 8)) {
        const isSmall = PARTICLE.test(part);
        if (!isSmall && !/^\p{Lu}/u.test(part)) break;
        short += isSmall ? '' : part.charAt(0);
        long += part.charAt(0).toUpperCase();
        if (short.length >= 2) this.#initials.add(short).add(long);
      }
    }
  }

  /** Whether the source says the name that `sequence[at]` is a part of. */
  holds(sequence: readonly CapitalWord[], at: number): boolean {
    const word = sequence[at];
    if (word === undefined) return false;
    if (this.#holdsWord(word.written)) return true;
    const phrase = sequence.map(({ written }) => written);
    if (phrase.length > 1 && this.#holdsAlias(phrase.join(' '))) return true;
    for (const [from, to] of [[at - 1, at + 1], [at, at + 2]] as const) {
      const pair = phrase.slice(Math.max(0, from), to);
      if (pair.length === 2 && this.#holdsAlias(pair.join(' '))) return true;
    }
    const initials = phrase.map((part) => part.charAt(0)).join('');
    if (phrase.length > 1 && !ROMAN.test(initials) && this.#exact.has(initials)) return true;
    // Merkel in the span may be Angela Merkel where the document says so.
    return [[at - 1, at], [at, at + 1]].some(([left, right]) => {
      const [a, b] = [phrase[left ?? 0], phrase[right ?? 0]];
      const other = phrase[left === at ? right ?? 0 : left ?? 0];
      return a !== undefined && b !== undefined && other !== undefined && this.#holdsWord(other) && this.#whole.includes(` ${folded(a)} ${folded(b)} `);
    });
  }

  /** Both words are there, but each beside another: Marie Smith, where the source has Marie Curie and John Smith. */
  crosses(first: CapitalWord, second: CapitalWord): boolean {
    const [a, b] = [folded(first.written), folded(second.written)];
    const followers = this.#pairs.get(a);
    if (followers === undefined || followers.has(b) || this.#text.includes(` ${a} ${b} `) || this.#text.includes(` ${b} ${a} `)) return false;
    return [...this.#pairs].some(([other, next]) => other !== a && next.has(b));
  }

  hasPair(first: string, second: string | undefined): boolean {
    return second !== undefined && this.#pairs.get(folded(first))?.has(folded(second)) === true;
  }

  /** A word of the source that differs from `written` by one letter, where no ending explains it. */
  nearMiss(written: string): string | undefined {
    const key = folded(written);
    if (key.length < 4) return undefined;
    return this.#capitals.find((word) => {
      const other = folded(word);
      if (other === key || !isOneEditApart(key, other)) return false;
      const [long, short] = key.length > other.length ? [key, other] : [other, key];
      return !(long.startsWith(short) && /^[nsrem]$/.test(long.slice(short.length)));
    });
  }

  #holdsWord(written: string): boolean {
    const key = folded(written);
    if ([...written].length === 1) return this.#exact.has(written) || this.#exact.has(written.toLowerCase()) && /\P{Script=Latin}/u.test(written);
    if (this.#tokens.has(key) || this.#tokens.has(key.replaceAll('.', ''))) return true;
    if (!ROMAN.test(written) && this.#initials.has(written.replaceAll('.', ''))) return true;
    if (this.#holdsAlias(written)) return true;
    if (written.split(/['’&]/).length > 1 && written.split(/['’&]/).every((part) => this.#tokens.has(folded(part)))) return true;
    const umlaut = key.replace(/ae/g, 'a').replace(/oe/g, 'o').replace(/ue/g, 'u');
    if (umlaut !== key && this.#tokens.has(umlaut)) return true;
    return [...this.#tokens].some((token) => this.#isFormOf(key, token));
  }

  #holdsAlias(name: string): boolean {
    for (const alias of samePlace(name)) {
      if (alias.length <= 3 || alias.includes('.')) {
        if (this.#exact.has(alias.toUpperCase()) || this.#exact.has(`${alias.toUpperCase()}.`)) return true;
      } else if (this.#text.includes(` ${alias} `)) return true;
    }
    return false;
  }

  /** Endings that grammar adds: genitive and plural, peoples and their adjectives, Slavic and Greek cases. */
  #isFormOf(key: string, token: string): boolean {
    if (Math.abs(key.length - token.length) > 4 || key.slice(0, 3) !== token.slice(0, 3)) return false;
    let same = 0;
    while (same < key.length && key[same] === token[same]) same++;
    const [a, b] = [key.slice(same), token.slice(same)];
    if (/^\p{sc=Cyrillic}+$/u.test(key)) return same >= 3 && /^[аеёиоуыэюяйьъмхві]{0,3}$/u.test(a) && /^[аеёиоуыэюяйьъмхві]{0,3}$/u.test(b);
    if (/^\p{sc=Greek}+$/u.test(key)) return same >= 3 && /^[αειουησςν]{0,3}$/u.test(a) && /^[αειουησςν]{0,3}$/u.test(b);
    if (this.#language === 'de' && same >= 4 && (a === '' || b === '') && /^(?:s|es|n|en|e|er|ern|ers|ner|isch|ische|ischen|ischer|isches)$/.test(a + b)) return true;
    if (same >= 3 && ((a === '' && b === 's') || (a === 's' && b === '')) && /[nit]$/.test(key.slice(0, same))) return true;
    if (same < 4) return false;
    return isPeopleOf(a, b, key.slice(0, same)) || isPeopleOf(b, a, key.slice(0, same));
  }
}

/** Whether `stem` + `people` names the people of `stem` + `land`: Italian and Italy, Iraqi and Iraq, German and Germany. */
function isPeopleOf(people: string, land: string, stem: string): boolean {
  if (land === '' && /^(?:i|is)$/.test(people)) return true;
  if (land === '' && stem.endsWith('a') && /^(?:n|ns)$/.test(people)) return true;
  if (land === 'y' && /^s?$/.test(people)) return stem.endsWith('n');
  return /^(?:|y|a|ia|e|o)$/.test(land) && /^(?:an|ans|ian|ians|ese|ish|ean|eans|vian|er|ers)$/.test(people);
}

const words = (text: string): string[] => [...text.replace(/\p{Cf}/gu, '').matchAll(/(?:\p{L}\.){2,}|[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['’&][\p{L}\p{N}][\p{L}\p{M}\p{N}]*)*/gu)].map(([word]) => bare(word));

function isOneEditApart(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const [restA, restB] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return (restA.length <= 1 && restB.length <= 1) || (restA.length === 2 && restA === [...restB].reverse().join(''));
}

export interface NameFault {
  written: string;
  start: number;
  kind: 'missing' | 'misspelt' | 'crossed';
  /** What the source has in its place. */
  instead?: string;
}

interface NameCheck {
  source: NameSource;
  vocabulary: Vocabulary;
  /** Of the sentence, and of the sources. */
  language: string;
  sourceLanguage: string;
}

/** Latin letters among Cyrillic or Greek ones look like a word and are none. */
export const isOfTwoScripts = (word: string): boolean => [/\p{sc=Latin}/u, /\p{sc=Cyrillic}/u, /\p{sc=Greek}/u].filter((script) => script.test(word)).length > 1;

/** Runs of capital words that stand side by side; in German the article that opens a sentence is none of them. */
export function nameSequences(capitals: readonly CapitalWord[], language: string): CapitalWord[][] {
  const sequences: CapitalWord[][] = [];
  for (const word of capitals) {
    const last = sequences.at(-1);
    const opener = last?.length === 1 ? last[0] : undefined;
    const followsOpener = language === 'de' && opener?.initial === true && isOpener(opener.written, language);
    if (word.joinedToPrevious && last !== undefined && !followsOpener) last.push(word);
    else sequences.push([word]);
  }
  return sequences;
}

/** Names of a sequence that the source does not hold. `matched` counts those that it does. */
export function checkNames(sequence: readonly CapitalWord[], check: NameCheck): { faults: NameFault[]; matched: number } {
  const faults: NameFault[] = [];
  let matched = 0;
  for (const [i, word] of sequence.entries()) {
    const { written, start } = word;
    if (TITLES.has(folded(written)) && written.length <= 10) continue;
    if (/^\p{Lu}$/u.test(written) && word.initial && sequence.length === 1) continue;
    if (check.source.holds(sequence, i)) {
      const previous = sequence[i - 1];
      if (previous !== undefined && !(previous.initial && isOpener(previous.written, check.language)) && check.source.crosses(previous, word)) faults.push({ written: `${previous.written} ${written}`, start: previous.start, kind: 'crossed' });
      else if (!(word.initial && isOpener(written, check.language))) matched++;
      continue;
    }
    const near = check.source.nearMiss(written);
    if (near !== undefined && !(word.initial && isOpener(written, check.language)) && !(isPlain(written, check) && !(word.initial && sequence.length === 1 && isTown(near, { initial: false, before: '' })) && !check.source.hasPair(near, sequence[i + 1]?.written) && (isKnownNoun(written, check) || (isPlain(near, check) && !isTown(near, { initial: true, before: '' }))))) {
      faults.push({ written, start, kind: 'misspelt', instead: near });
    } else if (isName(sequence, i, check)) {
      faults.push({ written, start, kind: 'missing' });
    }
  }
  return { faults, matched };
}

const isPlain = (written: string, { vocabulary, language }: NameCheck): boolean =>
  vocabulary.isOrdinary(written) || (language === 'de' && (isGermanNoun(written) || vocabulary.isIndefinite(written)));

const PERSON = /^(?:Herr|Frau|(?:\p{L}*(?:[Bb]ürgermeister|[Mm]inister|[Pp]räsident|[Kk]anzler|[Dd]irektor|[Pp]rofessor|[Ll]eiter|[Ss]precher|[Kk]önig|[Ff]orscher|[Aa]utor|[Aa]rzt|[Ää]rzt|[Vv]orsitzender?))(?:in)?)$/u;

/** Petra Sommer, Bürgermeisterin Lange: right after a person's first name or office a noun is a surname. */
function followsPerson(sequence: readonly CapitalWord[], at: number, { source, language }: NameCheck): boolean {
  const previous = sequence[at - 1];
  if (previous === undefined || previous.counted) return false;
  return PERSON.test(previous.written) || (!isGermanNoun(previous.written) && !isOpener(previous.written, language) && source.holds(sequence, at - 1));
}

/** Endings alone do not make a noun of what is one letter away from a name of the source: Hambung beside Hamburg. */
const isKnownNoun = (written: string, { vocabulary, language }: NameCheck): boolean =>
  vocabulary.isOrdinary(written) || (language === 'de' && (isListedGermanNoun(written) || vocabulary.isIndefinite(written)));

/** Whether a word that the source does not hold has to be there. */
function isName(sequence: readonly CapitalWord[], at: number, check: NameCheck): boolean {
  const word = sequence[at];
  if (word === undefined) return false;
  const { written, initial, before } = word;
  const { vocabulary, language } = check;
  if (/\p{Ll}?\p{Lu}.*\p{Lu}|\p{Ll}\p{Lu}/u.test(written) || isOfTwoScripts(written)) return true;
  if (initial && isOpener(written, language)) return false;
  if (language !== 'de') return !(initial && (vocabulary.isOrdinary(written) || (language === 'en' && isEnglishWord(written) && !isPlace(written))));

  if (isTown(written, { initial, before }) || (isPlace(written) && !isGermanNoun(written))) return true;
  if (vocabulary.isForeignName(written) && !isListedGermanNoun(written)) return true;
  if (followsPerson(sequence, at, check)) return true;
  if (isGermanNoun(written) || vocabulary.isIndefinite(written)) return false;
  if ((initial && vocabulary.isOrdinary(written)) || word.counted) return false;
  if (sequence.length > 1) return !(at === 0 && /(?:er|erin|in|or|ent|ist|chef|kanzler|minister|könig)$/u.test(written));
  if (vocabulary.isNameLike(written)) return true;
  if (check.sourceLanguage !== 'de') return false;
  if (/^(?:der|die|das|den|dem|des|im|am|zum|zur|vom|beim|ins|ans|sein|seine|ihr|ihre|unser|unsere)$/iu.test(before) || /^\p{Ll}{3,}(?:e|en|er|es|em)$/u.test(before) && !/^(?:unter|über|hinter|oder|aber)$/u.test(before)) return false;
  return !/(?:en|ern|er|ung|innen)$/u.test(written);
}
