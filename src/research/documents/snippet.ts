/** The part of a passage that answers a question best. */
import { wordsOf } from './words.ts';

/** The stretch of whole sentences, up to `length` characters, that holds most of the words; cut where one sentence is longer. */
export function snippetOf(text: string, words: ReadonlySet<string>, length: number): string {
  const clean = text.replace(/\s+/g, ' ').trim();
  if (clean.length <= length) return clean;
  const sentences = [...new Intl.Segmenter(undefined, { granularity: 'sentence' }).segment(clean)].map(({ segment }) => ({ segment, words: wordsOf(segment).filter((word) => words.has(word)) }));
  let best = { start: 0, end: 1, value: -1 };
  for (let start = 0; start < sentences.length; start++) {
    const held = new Set<string>();
    let size = 0;
    for (let end = start; end < sentences.length; end++) {
      size += sentences[end]?.segment.length ?? 0;
      if (end > start && size > length) break;
      for (const word of sentences[end]?.words ?? []) held.add(word);
      if (held.size > best.value) best = { start, end: end + 1, value: held.size };
    }
  }
  // What follows the best sentences helps to understand them.
  let { end } = best;
  const sizeTo = (last: number): number => sentences.slice(best.start, last).reduce((sum, { segment }) => sum + segment.length, 0);
  while (end < sentences.length && sizeTo(end + 1) <= length) end++;
  const stretch = sentences.slice(best.start, end).map(({ segment }) => segment).join('').trim();
  const cut = stretch.length > length ? `${stretch.slice(0, length).replace(/\s+\S*$/, '')} …` : stretch;
  return `${best.start > 0 ? '… ' : ''}${cut}`;
}
