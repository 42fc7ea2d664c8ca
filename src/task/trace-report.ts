/** What worked solutions are like before a model learns them: how often they are right, by the grader, and how long they are. */
import { hashText, Random } from '../random.ts';
import { defaultQualityMix, drawQuality, qualities } from './traces.ts';
import type { Quality, QualityMix, WorkedTask } from './traces.ts';

export interface TraceMeasure {
  /** Share of traces that the grader finds correct. */
  accuracy: number;
  meanCharacters: number;
  maxCharacters: number;
  /** Pieces: see `piecesOf`. */
  meanPieces: number;
  maxPieces: number;
}

/**
 * The units in which a small vocabulary can write every trace: numbers, words, single capitals and signs, line ends; one blank belongs
 * to the piece behind it.
 */
export function piecesOf(text: string): string[] {
  return text.match(/ ?(?:\d+|[A-Z]?[a-z]+|\S)|\s/g) ?? [];
}

/** Measures every quality, and the mix, on fresh training problems. The same seed measures the same traces. */
export async function measureTraces<Row>(
  worked: WorkedTask<Row>,
  { rows = 2000, seed = 1, mix = defaultQualityMix }: { rows?: number; seed?: number; mix?: QualityMix } = {},
): Promise<Record<Quality | 'mix', TraceMeasure>> {
  const measure = async (choose: (random: Random) => Quality): Promise<TraceMeasure> => {
    const random = new Random(seed, hashText(worked.task.name));
    let correct = 0;
    const characters: number[] = [];
    const pieces: number[] = [];
    for (let i = 0; i < rows; i++) {
      const row = worked.drawRow(random);
      const text = worked.trace(row, choose(random), random);
      const tokens = piecesOf(text).length;
      const score = await worked.task.score(row, { text, tokens: tokens + 1, stopReason: 'stop' });
      if (score.verdict === 'correct') correct++;
      characters.push(text.length);
      pieces.push(tokens);
    }
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    return {
      accuracy: correct / rows,
      meanCharacters: mean(characters),
      maxCharacters: Math.max(...characters),
      meanPieces: mean(pieces),
      maxPieces: Math.max(...pieces),
    };
  };
  const [careful, hasty, sloppy] = qualities;
  return {
    careful: await measure(() => careful),
    hasty: await measure(() => hasty),
    sloppy: await measure(() => sloppy),
    mix: await measure((random) => drawQuality(mix, random)),
  };
}
