/** Words with a capital letter in a text, which may be names. */
import { TAKEN } from './blanked.ts';
import { isOpener } from './common-words.ts';

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

/** `'`-endings and elided articles are the grammar's: Berlin's, l'Allemagne. */
export const bareWord = (word: string): string => word.replace(/['’](?:s|S)?$/u, '').replace(/^(?:[ldnsjmtcLDNSJMTC]|qu|Qu|dell|Dell|all|nell|sull|dall)['’](?=\p{Lu})/u, '');

export function findCapitalWords(text: string): CapitalWord[] {
  const found: CapitalWord[] = [];
  let previousWord = '';
  let previousEnd = -1;
  let previousCapital = false;
  for (const match of text.matchAll(WORD)) {
    const written = bareWord(match[0]);
    const start = match.index + match[0].indexOf(written);
    const isCapital = /\p{Lu}/u.test(written);
    if (isCapital) {
      const gap = text.slice(Math.max(0, previousEnd), start);
      found.push({
        start, end: start + written.length, written, before: previousWord,
        counted: text.slice(0, match.index).trimEnd().endsWith(TAKEN),
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
