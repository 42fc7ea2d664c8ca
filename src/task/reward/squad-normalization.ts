/** Texts as the SQuAD evaluation compares them (Rajpurkar et al. 2016): lower case, no ASCII punctuation, no articles, single blanks. */

const PUNCTUATION = /[!-/:-@[-`{-~]/g;
const ARTICLES = /\b(?:a|an|the)\b/gu;

/**
 * The normalized text. Where nothing would be left, as of the answers "A" or "+", only case and blanks are evened out: an empty text would
 * equal every other such text.
 */
export function normalizeAnswer(text: string): string {
  const lower = text.normalize('NFC').toLowerCase();
  const normalized = evenBlanks(lower.replaceAll(PUNCTUATION, '').replaceAll(ARTICLES, ' '));
  return normalized === '' ? evenBlanks(lower) : normalized;
}

/** Its words. */
export function answerWords(text: string): string[] {
  const normalized = normalizeAnswer(text);
  return normalized === '' ? [] : normalized.split(' ');
}

const evenBlanks = (text: string): string => text.split(/\s+/u).filter((word) => word !== '').join(' ');
