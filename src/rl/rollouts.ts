/** One step's worth of rollouts: completions with their scores, grouped by prompt. */
import type { Completion, Engine, SamplingParams } from '../engine/engine.ts';
import type { Score } from '../task/task.ts';

/** What a training loop sees of a task: numbered rows, their prompts as tokens, and a score for a completion. */
export interface RolloutSource {
  rowCount: number;
  prompt: (row: number) => readonly number[];
  score: (row: number, completion: Completion) => Promise<ScoredText>;
}

export interface ScoredText extends Score {
  /** The completion as text. */
  text: string;
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
    rows.map((row, r) => {
      const prompt = requests[r]?.prompt ?? [];
      const group = completions[r] ?? [];
      return Promise.all(group.map(async (completion, index) => ({ ...(await source.score(row, completion)), row, index, prompt, completion })));
    }),
  );
}
