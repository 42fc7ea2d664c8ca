/** The parts of a long document that a question is most likely answered in: its passages by BM25, in their own order, as far as there is room. */
import type { Passage } from '../readable-document.ts';
import type { Snapshot } from '../snapshot.ts';

/** Constants of BM25 as Robertson and Zaragoza (2009) recommend them. */
const K1 = 1.2;
const B = 0.75;

/** How long a stretch is made where the document has no passages of its own. */
const STRETCH = 800;

export function passagesFor(document: Pick<Snapshot, 'text' | 'passages'>, question: string, room: number): Passage[] {
  const passages = document.passages.length > 0 ? document.passages : stretches(document.text);
  const lengths = passages.map(({ start, end }) => end - start);
  if (lengths.reduce((sum, length) => sum + length, 0) <= room) return [...passages];
  const scores = scoresOf(passages.map((passage) => wordsOf(`${passage.headings.join(' ')} ${document.text.slice(passage.start, passage.end)}`)), wordsOf(question));
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
  const kept = passages.filter((_passage, index) => chosen.has(index));
  const [best] = order;
  const first = best && passages[best.index];
  return kept.length > 0 || first === undefined ? kept : [{ ...first, end: first.start + room }];
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

function scoresOf(passages: readonly (readonly string[])[], query: readonly string[]): number[] {
  const mean = passages.reduce((sum, words) => sum + words.length, 0) / Math.max(1, passages.length);
  const counts = passages.map((words) => {
    const byWord = new Map<string, number>();
    for (const word of words) byWord.set(word, (byWord.get(word) ?? 0) + 1);
    return byWord;
  });
  const wanted = [...new Set(query)].map((word) => {
    const holding = counts.filter((byWord) => byWord.has(word)).length;
    return { word, weight: Math.log(1 + (passages.length - holding + 0.5) / (holding + 0.5)) };
  });
  return passages.map((words, index) =>
    wanted.reduce((sum, { word, weight }) => {
      const count = counts[index]?.get(word) ?? 0;
      return sum + (weight * count * (K1 + 1)) / (count + K1 * (1 - B + (B * words.length) / Math.max(1, mean)));
    }, 0),
  );
}

/** Words without their endings of the plural; good enough to rank the passages of one document. */
const wordsOf = (text: string): string[] => (text.toLowerCase().normalize('NFKC').match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => (word.length > 4 ? word.replace(/(?:es|s)$/, '') : word));
