/** Whether a source holds the names of a sentence. */
import type { CapitalWord } from './capital-words.ts';
import { isGermanNoun, isListedGermanNoun, isOpener, TITLES } from './common-words.ts';
import { isEnglishWord } from './english-words.ts';
import { isTown } from './german-towns.ts';
import { folded } from './language.ts';
import type { NameSource } from './name-source.ts';
import { isPlace } from './place-names.ts';
import type { Vocabulary } from './vocabulary.ts';

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
const isOfTwoScripts = (word: string): boolean => [/\p{sc=Latin}/u, /\p{sc=Cyrillic}/u, /\p{sc=Greek}/u].filter((script) => script.test(word)).length > 1;

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
