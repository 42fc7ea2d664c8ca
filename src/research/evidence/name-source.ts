/** The names that a source says, and other forms in which a sentence may write them. */
import { bareWord, type CapitalWord } from './capital-words.ts';
import { folded } from './language.ts';
import { samePlace } from './place-names.ts';

/** Small words inside names: Ludwig van Beethoven, Rio de Janeiro. */
const PARTICLE = /^(?:van|von|der|den|de|del|della|di|da|do|dos|das|du|la|le|of|the|and|y|e|et|und|bin|ibn|al|el|zu|für|for)$/u;

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

const words = (text: string): string[] => [...text.replace(/\p{Cf}/gu, '').matchAll(/(?:\p{L}\.){2,}|[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['’&][\p{L}\p{N}][\p{L}\p{M}\p{N}]*)*/gu)].map(([word]) => bareWord(word));

function isOneEditApart(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const [restA, restB] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return (restA.length <= 1 && restB.length <= 1) || (restA.length === 2 && restA === [...restB].reverse().join(''));
}
