/** The words by which texts are found: the same for what is indexed and for what is asked. */
import { stem } from './stem.ts';

/** Longer runs of letters are no words: encoded data, hashes, lines of a table. */
const LONGEST_WORD = 40;

/** More of a question than this tells nothing more about what is sought. */
const LONGEST_QUESTION = 5000;

/** Stems are kept: the most frequent words make up nearly all of a text. */
const KEPT_STEMS = 200_000;
const stems = new Map<string, string>();

/**
 * English words that say little about what is sought. They are in the index like all others; a question is searched by its other words, if
 * it has any.
 */
const STOP_WORDS = new Set(
  ('a about above after again all also am an and any are as at be because been before being below between both but by can cannot could did do does doing done down during each either few for from ' +
    'further get had has have having he her here hers him his how i if in into is it its itself just let me more most much must my neither no nor not now of off on once only or other our out over ' +
    'own per same shall she should so some such than that the their them then there these they this those through to too under until up upon us very was we were what when where whether which while ' +
    'who whom whose why will with within without would you your').split(' '),
);

/** Scripts that are written without spaces: their texts are cut into pairs of signs. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/**
 * Words of a text in their order, as stems in lower case without accents. `camelCase` counts as its parts and as a whole, so that names of
 * code are found by either.
 */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [run] of text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
    if (run.length > LONGEST_WORD && !UNSPACED.test(run)) continue;
    // Nearly all runs are plain words; the rest takes the longer way.
    if (/^(?:[a-z]+|[A-Z][a-z]*|[A-Z]+|[0-9]+)$/.test(run)) words.push(stemOf(run.toLowerCase()));
    else words.push(...partsOf(run));
  }
  return words;
}

/** Whether a word is of a script that is written without spaces. */
export const isUnspaced = (word: string): boolean => UNSPACED.test(word);

/** Whether a word, as `wordsOf` gives it, says something about what a text is about. */
export const isTelling = (word: string): boolean => !STOP_STEMS.has(word);

/** The words of a question that are worth looking for, each once, with how often it was said. */
export function queryWords(text: string): Map<string, number> {
  const all = wordsOf(text.slice(0, LONGEST_QUESTION));
  const telling = all.filter(isTelling);
  const counts = new Map<string, number>();
  for (const word of telling.length > 0 ? telling : all) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function partsOf(run: string): string[] {
  if (UNSPACED.test(run)) return pairsOf(run);
  const parts = run.split(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u);
  return (parts.length > 1 ? [...parts, run] : parts).map((part) => stemOf(plain(part)));
}

const plain = (word: string): string => word.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('ß', 'ss');

function pairsOf(run: string): string[] {
  return run.split(/([\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{M}ー]+)/u).flatMap((part) => {
    if (part === '') return [];
    if (!UNSPACED.test(part)) return [stemOf(plain(part))];
    const signs = [...part.normalize('NFKC')];
    return signs.length === 1 ? signs : signs.slice(1).map((sign, index) => `${signs[index]}${sign}`);
  });
}

function stemOf(word: string): string {
  const known = stems.get(word);
  if (known !== undefined) return known;
  const found = /^[a-z]+$/.test(word) ? stem(word) : word;
  if (stems.size >= KEPT_STEMS) stems.clear();
  stems.set(word, found);
  return found;
}

const STOP_STEMS: ReadonlySet<string> = new Set([...STOP_WORDS].map(stemOf));
