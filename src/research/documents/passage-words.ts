/** What of a passage is searched, and how much a word weighs in each part of it. */
import { wordsOf } from './words.ts';

export interface PassageFields {
  title: string;
  headings: readonly string[];
  body: string;
}

/** How much more a word of the title counts than one of the text. Chosen on the odd-numbered queries of Cranfield (bench/retrieval.ts). */
const TITLE_WEIGHT = 2;
const HEADING_WEIGHT = 1;

/** Calls back for each word of a passage with its weight, and returns the sum of the weights. */
export function visitWords({ title, headings, body }: PassageFields, visit: (word: string, weight: number) => void): number {
  let length = 0;
  const visitAll = (text: string, weight: number): void => {
    for (const word of wordsOf(text)) {
      visit(word, weight);
      length += weight;
    }
  };
  visitAll(body, 1);
  visitAll(title, TITLE_WEIGHT);
  if (headings.length > 0) visitAll(headings.join('\n'), HEADING_WEIGHT);
  return length;
}
