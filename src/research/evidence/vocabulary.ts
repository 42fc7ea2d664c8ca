/** How words are used in all that a run has read: what stands in lower case somewhere is no name at the start of a sentence. */
import { folded } from './language.ts';

const INDEFINITE = /^(?:ein|eine|einen|einem|einer|eines|kein|keine|keinen|keiner|viele|vielen|mehrere|mehreren|einige|einigen|alle|allen|manche|wenige|weniger|mehr|diese|dieser|dieses|diesem|diesen|jede|jeder|jedes|jedem|jeden|beide|beiden|zwei|drei|vier|fünf|zehn|hundert|tausend|millionen|milliarden|prozent|pro|welche|deren|dessen|seine|ihre|seinen|ihren|seiner|ihrer)$/iu;

/** Words that end as adjectives do and may stand before a name. */
const NO_ADJECTIVE = /^(?:(?:wu|we)rde[n]?|hatten?|haben|sollten?|wollten?|konnten?|mussten?|durften?|[a-zäöü]+(?:sagte|klärte|tonte|meinte|derte|sierte|leitete|heiratete|nannte)n?|sagten?|leitete[n]?|nannten?|gegen|neben|zwischen|hinter|unter|wegen|sowie|heute|später|bisher|immer|wieder|außer|zwecks|anstelle)$/u;

export class Vocabulary {
  readonly #lower = new Map<string, number>();
  readonly #capital = new Map<string, number>();
  readonly #indefinite = new Set<string>();
  readonly #foreign = new Set<string>();

  /** `language` of the text: in German a word after "ein" or "viele" is a common noun. In a title capitals tell nothing in many languages. */
  add(text: string, language: string, isTitle = false): void {
    let previous = '';
    for (const match of text.matchAll(/\p{L}[\p{L}\p{M}\p{N}]*/gu)) {
      const [word] = match;
      const key = folded(word);
      if (/^\p{Ll}/u.test(word)) this.#lower.set(key, (this.#lower.get(key) ?? 0) + 1);
      else if (language !== 'de') this.#foreign.add(key);
      if (/^\p{Lu}/u.test(word) && !isTitle && match.index > 0 && !/[.!?:;|"“„«\n•][\s\u00a0]*$/u.test(text.slice(Math.max(0, match.index - 3), match.index))) {
        this.#capital.set(key, (this.#capital.get(key) ?? 0) + 1);
      }
      if (language === 'de' && (INDEFINITE.test(previous) || /^\p{Ll}+(?:e|en|er|es|em)$/u.test(previous) && previous.length > 4 && !NO_ADJECTIVE.test(previous))) this.#indefinite.add(key);
      previous = word;
    }
  }

  /** Of the report itself only the words in lower case count: its names are what is to be checked. */
  addReport(text: string): void {
    for (const [word] of text.matchAll(/(?<!\p{L})\p{Ll}[\p{L}\p{M}\p{N}]*/gu)) this.#lower.set(folded(word), (this.#lower.get(folded(word)) ?? 0) + 1);
  }

  /** Whether the word or another form of it is written in lower case, and not more often with a capital letter inside sentences. */
  isOrdinary(word: string): boolean {
    const key = folded(word).replace(/['’]s?$/, '');
    const lower = this.#lower.get(key) ?? 0;
    if (lower > 0) return lower >= (this.#capital.get(key) ?? 0);
    if (key.length < 6 || this.#capital.has(key)) return false;
    return [key.replace(/(?:ers|er|ing|ed|es|s|ly|al|e|en|n)$/, ''), `${key}s`, `${key}e`].some((stem) => stem !== key && stem.length >= 4 && ['', 'e', 's', 'ed', 'ing', 'er', 'ers'].some((end) => this.#lower.has(stem + end)));
  }

  /** Stands with a capital letter, never in lower case, and is used as a name as far as German grammar tells. */
  isNameLike(word: string): boolean {
    const key = folded(word);
    return (this.#capital.has(key) || this.#foreign.has(key)) && !this.#lower.has(key) && !this.#indefinite.has(key);
  }

  /** A name in a text of a language that writes nouns in lower case. */
  isForeignName(word: string): boolean {
    return this.#foreign.has(folded(word)) && this.isNameLike(word);
  }

  isIndefinite(word: string): boolean {
    return this.#indefinite.has(folded(word));
  }
}
