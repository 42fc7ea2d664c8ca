/** The parts of a long document that a question is most likely answered in: its passages by BM25, in their own order, as far as there is room. */
import { idf, lengthNorm, saturate } from '../documents/bm25.ts';
import { queryWords, wordsOf } from '../documents/words.ts';
import type { Passage } from '../readable-document.ts';
import type { Snapshot } from '../snapshot.ts';

/** How long a stretch is made where the document has no passages of its own. */
const STRETCH = 800;

export interface ChosenPassages {
  passages: Passage[];
  /** What a reader has to know of the rest, where there is one: how much it is, and the headings. */
  synopsis?: string;
}

export function passagesFor(document: Pick<Snapshot, 'text' | 'passages'>, question: string, room: number): ChosenPassages {
  const passages = document.passages.length > 0 ? document.passages : stretches(document.text);
  const lengths = passages.map(({ start, end }) => end - start);
  if (lengths.reduce((sum, length) => sum + length, 0) <= room) return { passages: [...passages] };
  const scores = scoresOf(passages.map((passage) => wordsOf(`${passage.headings.join(' ')} ${document.text.slice(passage.start, passage.end)}`)), question);
  const chosen = new Set<number>();
  let left = room;
  // A document's beginning says what it is about, whatever the question; equal scores keep the order.
  const order = scores.map((score, index) => ({ index, score: score + (index === 0 ? 1e-6 : 0) })).toSorted((a, b) => b.score - a.score || a.index - b.index);
  for (const { index } of order) {
    const length = lengths[index] ?? 0;
    if (length > left) continue;
    chosen.add(index);
    left -= length;
  }
  const fitting = passages.filter((_passage, index) => chosen.has(index));
  const [best] = order;
  const first = best && passages[best.index];
  const kept = fitting.length > 0 || first === undefined ? fitting : [{ ...first, end: first.start + room }];
  return { passages: kept, synopsis: synopsisOf(passages, kept, document.text.length) };
}

const MOST_HEADINGS = 30;

function synopsisOf(all: readonly Passage[], shown: readonly Passage[], characters: number): string {
  const headings = [...new Set(all.flatMap((passage) => passage.headings.at(-1) ?? []))];
  const listed = headings.slice(0, MOST_HEADINGS).map((heading) => heading.replace(/\s+/g, ' ').slice(0, 80));
  const more = headings.length > MOST_HEADINGS ? `; and ${headings.length - MOST_HEADINGS} more` : '';
  return `${shown.length} of ${all.length} passages of a source of ${characters} characters${listed.length === 0 ? '' : `, whose headings are: ${listed.join('; ')}${more}`}`;
}

function stretches(text: string): Passage[] {
  const passages: Passage[] = [];
  for (let start = 0; start < text.length; ) {
    const near = text.indexOf('\n', start + STRETCH / 2);
    const end = near >= 0 && near < start + STRETCH ? near + 1 : Math.min(text.length, start + STRETCH);
    passages.push({ start, end, headings: [] });
    start = end;
  }
  return passages;
}

function scoresOf(passages: readonly (readonly string[])[], question: string): number[] {
  const mean = passages.reduce((sum, words) => sum + words.length, 0) / Math.max(1, passages.length) || 1;
  const counts = passages.map((words) => {
    const byWord = new Map<string, number>();
    for (const word of words) byWord.set(word, (byWord.get(word) ?? 0) + 1);
    return byWord;
  });
  const wanted = [...queryWords(question).keys()].map((word) => ({ word, weight: idf(counts.filter((byWord) => byWord.has(word)).length, passages.length) }));
  return passages.map((words, index) => wanted.reduce((sum, { word, weight }) => sum + weight * saturate(counts[index]?.get(word) ?? 0, lengthNorm(words.length, mean)), 0));
}
