/**
 * Porter's stemmer: "An algorithm for suffix stripping", M. F. Porter, Program 14(3), 1980. Brings the forms of an English word to one
 * stem, so that `connected` and `connection` meet at `connect`. For lower-case words of the letters a to z.
 */

/** Endings of the second and third step, and what takes their place behind a stem that has a vowel and a consonant after it. */
const STEP_2: readonly (readonly [string, string])[] = [
  ['ational', 'ate'], ['tional', 'tion'], ['enci', 'ence'], ['anci', 'ance'], ['izer', 'ize'], ['bli', 'ble'], ['alli', 'al'], ['entli', 'ent'], ['eli', 'e'],
  ['ousli', 'ous'], ['ization', 'ize'], ['ation', 'ate'], ['ator', 'ate'], ['alism', 'al'], ['iveness', 'ive'], ['fulness', 'ful'], ['ousness', 'ous'],
  ['aliti', 'al'], ['iviti', 'ive'], ['biliti', 'ble'], ['logi', 'log'],
];
const STEP_3: readonly (readonly [string, string])[] = [
  ['icate', 'ic'], ['ative', ''], ['alize', 'al'], ['iciti', 'ic'], ['ical', 'ic'], ['ful', ''], ['ness', ''],
];
/** Endings that go in the fourth step. `ement` stands before `ment`, and that before `ent`: the longest that fits decides. */
const STEP_4 = 'ement ance ence able ible ment ant ent ism ate iti ous ive ize ion al er ic ou'.split(' ');

export function stem(word: string): string {
  if (word.length < 3) return word;
  return tidy(dropLast(replaceEnding(replaceEnding(endY(dropPast(dropPlural(word))), STEP_2), STEP_3)));
}

/** A letter that is not a vowel; y is one after a vowel or at the start. */
function isConsonant(word: string, index: number): boolean {
  const letter = word[index];
  if (letter === 'y') return index === 0 || !isConsonant(word, index - 1);
  return letter !== 'a' && letter !== 'e' && letter !== 'i' && letter !== 'o' && letter !== 'u';
}

/** How often consonants follow on vowels: m in [C](VC)^m[V]. */
function measure(part: string): number {
  let count = 0;
  for (let index = 1; index < part.length; index++) if (isConsonant(part, index) && !isConsonant(part, index - 1)) count++;
  return count;
}

function hasVowel(part: string): boolean {
  for (let index = 0; index < part.length; index++) if (!isConsonant(part, index)) return true;
  return false;
}

const endsInDouble = (word: string): boolean => word.length > 1 && word.at(-1) === word.at(-2) && isConsonant(word, word.length - 1);

/** Ends as `hop` does: consonant, vowel, consonant other than w, x, y. */
function isShort(word: string): boolean {
  const last = word.length - 1;
  return last >= 2 && isConsonant(word, last) && !isConsonant(word, last - 1) && isConsonant(word, last - 2) && !/[wxy]$/.test(word);
}

function dropPlural(word: string): string {
  if (word.endsWith('sses') || word.endsWith('ies')) return word.slice(0, -2);
  return word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}

function dropPast(word: string): string {
  if (word.endsWith('eed')) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
  const ending = word.endsWith('ed') ? 2 : word.endsWith('ing') ? 3 : 0;
  const part = word.slice(0, word.length - ending);
  if (ending === 0 || !hasVowel(part)) return word;
  if (/(?:at|bl|iz)$/.test(part)) return `${part}e`;
  if (endsInDouble(part) && !/[lsz]$/.test(part)) return part.slice(0, -1);
  return measure(part) === 1 && isShort(part) ? `${part}e` : part;
}

const endY = (word: string): string => (word.endsWith('y') && hasVowel(word.slice(0, -1)) ? `${word.slice(0, -1)}i` : word);

function replaceEnding(word: string, endings: readonly (readonly [string, string])[]): string {
  for (const [ending, other] of endings) {
    if (!word.endsWith(ending)) continue;
    const part = word.slice(0, -ending.length);
    return measure(part) > 0 ? part + other : word;
  }
  return word;
}

function dropLast(word: string): string {
  const ending = STEP_4.find((one) => word.endsWith(one));
  if (ending === undefined) return word;
  const part = word.slice(0, -ending.length);
  if (measure(part) < 2 || (ending === 'ion' && !/[st]$/.test(part))) return word;
  return part;
}

function tidy(word: string): string {
  let rest = word;
  if (rest.endsWith('e')) {
    const part = rest.slice(0, -1);
    const count = measure(part);
    if (count > 1 || (count === 1 && !isShort(part))) rest = part;
  }
  return rest.endsWith('ll') && measure(rest) > 1 ? rest.slice(0, -1) : rest;
}
