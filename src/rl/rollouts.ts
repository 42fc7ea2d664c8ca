/** Rollouts: what a model wrote, token by token, with its score; and the two kinds of sources that they come from. */
import { hashWords } from '../random.ts';
import { attempt, type Attempt, type AttemptLimits, type LostRecord } from './lost-rollouts.ts';
import type { Completion, Engine, SamplingParams } from '../engine/engine.ts';
import type { Episode, TrainingSequence } from '../task/episode.ts';
import type { Score } from '../task/task.ts';

export interface ScoredText extends Score {
  /** What the model said: the completion, or the last thing said of an episode. */
  text: string;
  /** What the task's independent check makes of it. */
  audit?: number;
}

/** What happened in a rollout, apart from what it is worth. */
export interface PlayedRollout {
  /** What the model said: the completion, or the last thing said of an episode. */
  text: string;
  /** What is learned from: only tokens with mask 1 are in the loss. Empty when the model wrote nothing. */
  sequences: readonly TrainingSequence[];
  /** `length`: it was cut at a limit (tokens, turns, context), so its end says nothing. */
  stopReason: 'stop' | 'length';
  /** The whole course of it, where it had several turns. */
  episode?: Episode;
}

/** What one rollout came to. */
export interface RolloutOutcome extends PlayedRollout, ScoredText {}

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
  /** Tell it what was played before scoring begins: should the score fail or hang, the run's log has it all the same. */
  onPlayed?: (played: PlayedRollout) => void;
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

/** Rollouts of rows, and those that were lost. */
export interface Collected {
  /** In the order of the rows; lost rollouts are missing in them, so that some may be smaller than others. */
  groups: Group[];
  lost: LostRecord[];
}

export interface CollectOptions {
  /** Rollouts of a row. */
  groupSize: number;
  sampling: SamplingParams;
  /** Longest time of a rollout of an episode source, and of scoring a completion. Default: none. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** `groupSize` rollouts of each row, scored. */
export async function collectGroups(engine: Engine, source: RolloutSource, rows: readonly number[], options: CollectOptions): Promise<Collected> {
  const { groupSize, sampling, timeoutMs, signal = new AbortController().signal } = options;
  const limits = { signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  const attempts = await ('rollout' in source ? playAll(source, rows, groupSize, sampling, limits) : sampleAll(engine, source, rows, groupSize, sampling, limits));
  const finished = await Promise.all(rows.map((row, r) => finishGroup(source, row, attempts[r] ?? [], limits)));
  return { groups: finished.map(({ group }) => group), lost: finished.flatMap(({ lost }) => lost) };
}

type Attempts = readonly (readonly RolloutAttempt[])[];

/** A rollout that may be lost; what was played of it is kept even then, where it is known. */
export type RolloutAttempt = Attempt<RolloutOutcome> & { played?: PlayedRollout | undefined };

async function sampleAll(engine: Engine, source: CompletionSource, rows: readonly number[], count: number, params: SamplingParams, limits: AttemptLimits): Promise<Attempts> {
  const requests = rows.map((row) => ({ prompt: source.prompt(row), count }));
  const completions = await engine.sample(requests, params);
  const score = async (r: number, completion: Completion): Promise<RolloutAttempt> => {
    const played = completionAsPlayed(requests[r]?.prompt ?? [], completion);
    return { ...(await attempt(async () => ({ ...played, ...(await source.score(rows[r] ?? NaN, completion)) }), limits)), played };
  };
  return Promise.all(completions.map((group, r) => Promise.all(group.map((completion) => score(r, completion)))));
}

function playAll(source: EpisodeSource, rows: readonly number[], count: number, params: SamplingParams, limits: AttemptLimits): Promise<Attempts> {
  const play = (row: number, r: number, index: number): Promise<RolloutAttempt> =>
    playRollout(source, row, { index, sampling: { ...params, seed: hashWords(params.seed ?? 0, r, index) } }, limits);
  return Promise.all(rows.map((row, r) => Promise.all(Array.from({ length: count }, (_, index) => play(row, r, index)))));
}

/** Plays one rollout of an episode source. Never rejects. */
export async function playRollout(
  source: EpisodeSource,
  row: number,
  context: Pick<RolloutContext, 'index' | 'sampling'>,
  limits: AttemptLimits,
): Promise<RolloutAttempt> {
  let played: PlayedRollout | undefined;
  const onPlayed = (course: PlayedRollout): void => {
    played = course;
  };
  const ended = await attempt((signal) => source.rollout(row, { ...context, signal, onPlayed }), limits);
  return { ...ended, played };
}

/** The rollouts of a row that were not lost, scored among themselves where the source does that. */
export async function finishGroup(
  { scoreGroup }: RolloutSource,
  row: number,
  attempts: readonly RolloutAttempt[],
  limits: AttemptLimits,
): Promise<{ group: Group; lost: LostRecord[] }> {
  const lost = attempts.flatMap((ended, index) => (ended.kind === 'lost' ? [lostRecord(row, index, ended)] : []));
  const group = attempts.flatMap((ended, index) => (ended.kind === 'done' ? [{ ...ended.outcome, row, index }] : []));
  if (!scoreGroup || group.length === 0) return { group, lost };
  const scored = await attempt(() => scoreGroup(row, group), limits);
  if (scored.kind === 'done') return { group: group.map((rollout, i) => rescored(rollout, scored.outcome[i])), lost };
  if (scored.kind === 'cancelled') return { group, lost };
  const { reason, message } = scored;
  return { group: [], lost: [...lost, ...group.map((rollout) => ({ row, index: rollout.index, reason, message, played: rollout }))] };
}

/** What is kept of a rollout that was lost. */
export function lostRecord(row: number, index: number, { reason, message, played }: RolloutAttempt & { kind: 'lost' }): LostRecord {
  return { row, index, reason, message, played };
}

function rescored(rollout: ScoredRollout, score: Score | undefined): ScoredRollout {
  if (!score) return rollout;
  const { parts: _parts, notes: _notes, ...rest } = rollout;
  return { ...rest, ...score };
}

/** A single completion as a rollout without its score; its text is known with the score. */
export function completionAsPlayed(prompt: readonly number[], { tokens, logprobs, stopReason, weightsVersion }: Completion): PlayedRollout {
  const length = prompt.length + tokens.length;
  const sequence: TrainingSequence = {
    tokens: [...prompt, ...tokens],
    mask: new Uint8Array(length).fill(1, prompt.length),
    logprobs: new Float32Array(length),
    weightsVersion,
  };
  sequence.logprobs.set(logprobs, prompt.length);
  return { text: '', sequences: [sequence], stopReason };
}

/** A single completion as a rollout. */
export function outcomeOf(prompt: readonly number[], completion: Completion, score: ScoredText): RolloutOutcome {
  return { ...completionAsPlayed(prompt, completion), ...score };
}

/** Tokens that the model wrote. */
export const writtenTokens = ({ sequences }: Pick<ScoredRollout, 'sequences'>): number =>
  sequences.reduce((total, { mask }) => total + mask.reduce((sum, written) => sum + written, 0), 0);

export const totalTokens = (rollouts: readonly ScoredRollout[]): number => rollouts.reduce((total, rollout) => total + writtenTokens(rollout), 0);
