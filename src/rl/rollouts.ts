/** One step's worth of rollouts: completions with their scores, grouped by prompt. */
import type { Completion, Engine, SamplingParams } from '../engine/engine.ts';
import type { Score } from '../task/task.ts';

/** What a training loop sees of a task: numbered rows, their prompts as tokens, and a score for a completion. */
export interface RolloutSource {
  rowCount: number;
  prompt: (row: number) => readonly number[];
  score: (row: number, completion: Completion) => Promise<ScoredText>;
  /** Scores a group's completions again, now that each has a score; what it returns takes the place of these. Not there where a task has no such score. */
  scoreGroup?: (row: number, members: readonly { completion: Completion; scored: ScoredText }[]) => Promise<readonly ScoredText[]>;
}

export interface ScoredText extends Score {
  /** The completion as text. */
  text: string;
  /** What the task's independent check makes of it. */
  audit?: number;
}

export interface ScoredRollout extends ScoredText {
  row: number;
  /** Position in its group. */
  index: number;
  prompt: readonly number[];
  completion: Completion;
}

export type Group = readonly ScoredRollout[];

/** Samples `groupSize` completions of each row's prompt and scores them. Groups are in the order of `rows`. */
export async function collectGroups(
  engine: Engine,
  source: RolloutSource,
  rows: readonly number[],
  groupSize: number,
  params: SamplingParams,
): Promise<Group[]> {
  const requests = rows.map((row) => ({ prompt: source.prompt(row), count: groupSize }));
  const completions = await engine.sample(requests, params);
  return Promise.all(
    rows.map(async (row, r) => {
      const prompt = requests[r]?.prompt ?? [];
      const scored = await scoreAll(source, row, completions[r] ?? []);
      return scored.map(({ completion, scored: score }, index) => ({ ...score, row, index, prompt, completion }));
    }),
  );
}

async function scoreAll(source: RolloutSource, row: number, completions: readonly Completion[]): Promise<{ completion: Completion; scored: ScoredText }[]> {
  const members = await Promise.all(completions.map(async (completion) => ({ completion, scored: await source.score(row, completion) })));
  const grouped = await source.scoreGroup?.(row, members);
  return members.map(({ completion, scored }, i) => ({ completion, scored: grouped?.[i] ?? scored }));
}
