/**
 * Invented names, built from syllables: `Brakodan`, `Selurim`. The syllables are few, so that a tokenizer can give each a token of its own and
 * a model sees every one of them often; the names are many (192,000), so that none can be known by heart.
 */
import type { Random } from '../../random.ts';

const onsets = ['B', 'D', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'R', 'S', 'T', 'V', 'Z', 'Br', 'Dr', 'Gr', 'Kr', 'Sk', 'St', 'Th', 'Tr'];
const vowels = ['a', 'e', 'i', 'o', 'u'];

/** How a name begins. */
export const firstSyllables: readonly string[] = onsets.flatMap((onset) => vowels.map((vowel) => onset + vowel));

const openSyllables = ['la', 'ri', 'no', 've', 'sa', 'mi', 'ta', 'do', 'ke', 'lu', 'ra', 'ne', 'vi', 'so', 'ma', 'ti', 'de', 'ko', 'li', 'pa', 'go', 'bu', 'fe', 'hu'];

/** What stands between the beginning and the end of a longer name. */
export const middleSyllables: readonly string[] = openSyllables;

/** How a name ends: an open syllable with a consonant behind it; every third combination of the two, so that they differ clearly. */
export const lastSyllables: readonly string[] = openSyllables.flatMap((open, o) => ['n', 'r', 'l', 's', 'k', 't', 'm', 'd'].filter((_, c) => (o + c) % 3 === 0).map((coda) => open + coda));

/** First names of invented people. */
export const firstNames: readonly string[] = [
  'Ada', 'Anton', 'Clara', 'Edith', 'Emil', 'Greta', 'Hugo', 'Ida', 'Ivan', 'Julia', 'Karl', 'Laura', 'Leo', 'Lydia', 'Marta', 'Max', 'Nora', 'Olga', 'Oscar', 'Paula',
  'Rosa', 'Simon', 'Stella', 'Victor',
];

/** A name of two or three syllables. */
export function inventName(random: Random, ending = ''): string {
  const middle = random.uniform() < 0.4 ? random.pick(middleSyllables) : '';
  return random.pick(firstSyllables) + middle + random.pick(lastSyllables) + ending;
}

/** A first name and an invented surname. */
export function inventPerson(random: Random): string {
  return `${random.pick(firstNames)} ${inventName(random)}`;
}

/** Hands out names that a search tells apart: so that one for a place finds no person called like it. */
export class NameRegister {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set([...taken].map(stemOfLastWord));
  }

  /** What `invent` makes, the first whose last word is like none before. */
  fresh(invent: () => string): string {
    for (;;) {
      const name = invent();
      const stem = stemOfLastWord(name);
      if (this.#taken.has(stem)) continue;
      this.#taken.add(stem);
      return name;
    }
  }
}

/** Without the endings of invented names that Porter's stemming takes off: `Holined` would be found as `Holin`. */
const stemOfLastWord = (name: string): string => name.slice(name.lastIndexOf(' ') + 1).replace(/(?:ed|al|er|s)$/, '');
