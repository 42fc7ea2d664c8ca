/**
 * Orders the passages that were found first once more, by the question and by what the best of them have in common: RM3, "UMass at TREC
 * 2004", N. Abdul-Jaleel et al. It reads only these passages, so it costs the same in an index of any size.
 */
import { lengthNorm, saturate } from './bm25.ts';
import { type PassageFields, visitWords } from './passage-words.ts';
import type { PassageScores, ScoredPassage } from './passage-scores.ts';
import { isTelling } from './words.ts';

/** Passages that are taken to be right, words that are taken from them, and their share of the new question. Chosen as BM25's weights were. */
const TRUSTED = 5;
const ADDED_WORDS = 20;
const SHARE = 0.3;
/** Words whose frequency in the index is asked for. */
const LOOKED_UP = 60;

export interface ReadPassage extends ScoredPassage, PassageFields {}

interface Counted {
  found: ScoredPassage;
  words: Map<string, number>;
  length: number;
}

export function reorder(found: readonly ReadPassage[], question: ReadonlyMap<string, number>, index: PassageScores): ScoredPassage[] {
  const counted = found.map((passage): Counted => {
    const words = new Map<string, number>();
    const length = visitWords(passage, (word, weight) => void words.set(word, (words.get(word) ?? 0) + weight));
    return { found: passage, words, length };
  });
  const wanted = [...extend(question, counted.slice(0, TRUSTED), index)].map(([word, weight]) => ({ word, factor: weight * index.idfOf(word) }));
  return counted
    .map(({ found: { passage }, words, length }) => {
      const norm = lengthNorm(length, index.meanLength);
      return { passage, score: wanted.reduce((sum, { word, factor }) => sum + factor * saturate(words.get(word) ?? 0, norm), 0) };
    })
    .sort((left, right) => right.score - left.score);
}

/** The question's words and those of the trusted passages, as shares of 1. */
function extend(question: ReadonlyMap<string, number>, trusted: readonly Counted[], index: PassageScores): Map<string, number> {
  const said = sum([...question.values()]);
  const extended = new Map([...question].map(([word, count]) => [word, ((1 - SHARE) * count) / said]));
  const trust = sum(trusted.map(({ found }) => found.score));
  const likelihood = new Map<string, number>();
  for (const { found, words, length } of trusted) {
    for (const [word, weight] of words) if (isTelling(word)) likelihood.set(word, (likelihood.get(word) ?? 0) + ((found.score / trust) * weight) / length);
  }
  const byValue = (left: [string, number], right: [string, number]): number => right[1] - left[1];
  const likely = [...likelihood].sort(byValue).slice(0, LOOKED_UP);
  const added = likely.map(([word, share]): [string, number] => [word, share * index.idfOf(word)]).sort(byValue).slice(0, ADDED_WORDS);
  const whole = sum(added.map(([, value]) => value));
  for (const [word, value] of added) extended.set(word, (extended.get(word) ?? 0) + (SHARE * value) / whole);
  return extended;
}

const sum = (values: readonly number[]): number => values.reduce((whole, value) => whole + value, 0);
