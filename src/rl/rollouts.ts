/** Rollouts: what a model wrote, token by token, with its score; and the two kinds of sources that they come from. */
import { hashWords } from '../random.ts';
import type { Completion, Engine, SamplingParams } from '../engine/engine.ts';
import type { Episode, TrainingSequence } from '../task/episode.ts';
import type { Score } from '../task/task.ts';

export interface ScoredText extends Score {
  /** What the model said: the completion, or the last thing said of an episode. */
  text: string;
  /** What the task's independent check makes of it. */
  audit?: number;
}

/** What one rollout came to. */
export interface RolloutOutcome extends ScoredText {
  /** What is learned from: only tokens with mask 1 are in the loss. Empty when the model wrote nothing. */
  sequences: readonly TrainingSequence[];
  /** `length`: it was cut at a limit (tokens, turns, context), so its end says nothing. */
  stopReason: 'stop' | 'length';
  /** The whole course of it, where it had several turns. */
  episode?: Episode;
}

export interface ScoredRollout extends RolloutOutcome {
  row: number;
  /** Position in its group. */
  index: number;
}

export type Group = readonly ScoredRollout[];

/** Scores a group's rollouts again, now that each has a score; what it returns, in the same order, takes the place of these. */
export type GroupScore = (row: number, members: readonly RolloutOutcome[]) => Promise<readonly Score[]>;

/** One completion a rollout: numbered rows, their prompts as tokens, and a score for a completion. A whole step is sampled in one call. */
export interface CompletionSource {
  rowCount: number;
  prompt: (row: number) => readonly number[];
  score: (row: number, completion: Completion) => Promise<ScoredText>;
  scoreGroup?: GroupScore;
}

export interface RolloutContext {
  /** Position in its group. */
  index: number;
  /**
   * The run's sampling parameters, for every call of the model. `seed` names this rollout and no other; an episode of several calls gives
   * each a seed of its own: `hashWords(seed, call)`. The trainer assumes this temperature.
   */
  sampling: SamplingParams & { seed: number };
  /** Aborted when nobody waits for the rollout any more: its time is over, or the run ends. */
  signal: AbortSignal;
}

/**
 * Rollouts that do as they like between their tokens (tools, several turns, another process). They run at the same time; those that call
 * `engine.generate` decode together.
 */
export interface EpisodeSource {
  rowCount: number;
  /** Plays one rollout and scores it. What it throws loses this rollout alone. */
  rollout: (row: number, context: RolloutContext) => Promise<RolloutOutcome>;
  scoreGroup?: GroupScore;
}

export type RolloutSource = CompletionSource | EpisodeSource;

/** `groupSize` rollouts of each row, scored. Groups are in the order of `rows`. */
export async function collectGroups(
  engine: Engine,
  source: RolloutSource,
  rows: readonly number[],
  groupSize: number,
  params: SamplingParams,
  signal = new AbortController().signal,
): Promise<Group[]> {
  if ('rollout' in source) return playGroups(source, rows, groupSize, params, signal);
  const requests = rows.map((row) => ({ prompt: source.prompt(row), count: groupSize }));
  const completions = await engine.sample(requests, params);
  return Promise.all(
    rows.map(async (row, r) => {
      const prompt = requests[r]?.prompt ?? [];
      const outcomes = await Promise.all((completions[r] ?? []).map(async (completion) => outcomeOf(prompt, completion, await source.score(row, completion))));
      return groupOf(source, row, outcomes);
    }),
  );
}

function playGroups(source: EpisodeSource, rows: readonly number[], groupSize: number, params: SamplingParams, signal: AbortSignal): Promise<Group[]> {
  const play = (row: number, r: number, index: number): Promise<RolloutOutcome> =>
    source.rollout(row, { index, sampling: { ...params, seed: hashWords(params.seed ?? 0, r, index) }, signal });
  return Promise.all(
    rows.map(async (row, r) => groupOf(source, row, await Promise.all(Array.from({ length: groupSize }, (_, index) => play(row, r, index))))),
  );
}

/** The rollouts of a row, scored among themselves where the source does that. */
async function groupOf({ scoreGroup }: RolloutSource, row: number, outcomes: readonly RolloutOutcome[]): Promise<Group> {
  const scores = await scoreGroup?.(row, outcomes);
  return outcomes.map((outcome, index) => ({ ...rescored(outcome, scores?.[index]), row, index }));
}

function rescored(outcome: RolloutOutcome, score: Score | undefined): RolloutOutcome {
  if (!score) return outcome;
  const { parts: _parts, notes: _notes, ...rest } = outcome;
  return { ...rest, ...score };
}

/** A single completion as a rollout. */
export function outcomeOf(prompt: readonly number[], { tokens, logprobs, stopReason, weightsVersion }: Completion, score: ScoredText): RolloutOutcome {
  const length = prompt.length + tokens.length;
  const sequence: TrainingSequence = {
    tokens: [...prompt, ...tokens],
    mask: new Uint8Array(length).fill(1, prompt.length),
    logprobs: new Float32Array(length),
    weightsVersion,
  };
  sequence.logprobs.set(logprobs, prompt.length);
  return { ...score, sequences: [sequence], stopReason };
}

/** Tokens that the model wrote. */
export const writtenTokens = ({ sequences }: Pick<ScoredRollout, 'sequences'>): number =>
  sequences.reduce((total, { mask }) => total + mask.reduce((sum, written) => sum + written, 0), 0);

export const totalTokens = (rollouts: readonly ScoredRollout[]): number => rollouts.reduce((total, rollout) => total + writtenTokens(rollout), 0);
