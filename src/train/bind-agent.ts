/** Joins somebody's own agent to the loops: a rollout is one run of the agent on a row with a model in its hands, and what it returned is scored. */
import type { LanguageModelV4 } from '@ai-sdk/provider';
import { ChatLanguageModel } from '../agent/ai-sdk/chat-language-model.ts';
import { RolloutModel } from '../agent/rollout-model.ts';
import { episodeAnswer } from '../agent/task-episode.ts';
import type { ChatModel } from '../chat/chat-request.ts';
import { R5Error } from '../error.ts';
import type { PlayedRollout } from '../rl/rollouts.ts';
import { trainingSequences, type Episode } from '../task/episode.ts';
import { describe } from '../task/rows.ts';
import { scoreAnswer } from '../task/score-answer.ts';
import type { Score, Task } from '../task/task.ts';
import type { BoundEpisodes } from './bind-episodes.ts';

export interface AgentContext {
  /** Aborted when the rollout's time is over or the run ends. */
  signal: AbortSignal;
}

/** An agent, and what its results are worth. */
export interface ScoredAgent<Row, Result> {
  /** Your code, as it is: `model` is a language model of the AI SDK. What it throws loses that rollout alone, and is counted. */
  agent: (model: LanguageModelV4, row: Row, context: AgentContext) => Promise<Result> | Result;
  /** What the agent's result is worth: full marks are 1. A number alone is correct from 1 on. */
  score: (row: Row, result: Result, episode: Episode) => Score | number | Promise<Score | number>;
  limits?: AgentLimits | undefined;
}

export interface AgentLimits {
  /** Calls of the model in one rollout. Default 32. */
  turns?: number;
  /** Time of one rollout; one that takes longer is lost. Default none. */
  timeoutMs?: number;
}

export interface AgentBinding<Row> {
  name: string;
  set: 'train' | 'test';
  rows: readonly Row[];
  chat: ChatModel;
}

/** The agent on numbered rows, as the loops see it. Each rollout has a model of its own; nothing is shared between them but the weights. */
export function bindAgent<Row, Result>(scored: ScoredAgent<Row, Result>, { name, set, rows, chat }: AgentBinding<Row>): BoundEpisodes {
  const rowAt = (index: number): Row => {
    const row = rows[index];
    if (row === undefined) throw new RangeError(`agent ${name} has no ${set} row ${index}`);
    return row;
  };
  return {
    set,
    rowCount: rows.length,
    promptText: (index) => rowText(rowAt(index)),
    rollout: async (index, context) => {
      const row = rowAt(index);
      const signal = withTimeout(context.signal, scored.limits?.timeoutMs);
      const model = new RolloutModel(chat, { sampling: context.sampling, turns: scored.limits?.turns, signal });
      const ended = await run(scored, row, new ChatLanguageModel(chat.name, async () => model), signal, model);
      const played = playedOf(ended, model.episode);
      context.onPlayed?.(played);
      return ended ? { ...(await scoreOf(name, scored, row, ended.result, played, `${set} row ${index}`)), ...played } : { reward: 0, verdict: 'unparsable', ...played };
    },
  };
}

function withTimeout(signal: AbortSignal, timeoutMs: number | undefined): AbortSignal {
  return timeoutMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
}

/** Undefined: the model ran into a limit, and the agent gave up on that. */
async function run<Row, Result>({ agent, limits }: ScoredAgent<Row, Result>, row: Row, languageModel: LanguageModelV4, signal: AbortSignal, model: RolloutModel): Promise<{ result: Result } | undefined> {
  const over = new Promise<never>((_, reject) => {
    const end = (): void => reject(new R5Error(`The agent did not end in time${limits?.timeoutMs === undefined ? '' : ` (${limits.timeoutMs / 1000} s)`}.`, { cause: signal.reason }));
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
  });
  const running = Promise.resolve().then(() => agent(languageModel, row, { signal }));
  try {
    return { result: await Promise.race([running, over]) };
  } catch (error) {
    if (model.limit !== undefined && model.limit !== 'timeout') return undefined;
    throw error;
  } finally {
    // Whichever comes second has nobody to report to.
    for (const late of [running, over]) late.catch(() => undefined);
  }
}

/** An agent that gave up when its model ran into a limit has said nothing. */
function playedOf(ended: { result: unknown } | undefined, episode: Episode): PlayedRollout & { episode: Episode } {
  const text = resultText(ended?.result ?? '');
  return { text, stopReason: ended ? episodeAnswer(episode).stopReason : 'length', sequences: trainingSequences(episode), episode };
}

/** For people who read the log; the grader gets the result itself. */
function resultText(result: unknown): string {
  if (typeof result === 'string') return result;
  try {
    return JSON.stringify(result) ?? '';
  } catch {
    // Something that refers to itself, or a bigint: no reason to lose the rollout.
    return String(result);
  }
}

function scoreOf<Row, Result>(
  name: string,
  { score }: ScoredAgent<Row, Result>,
  row: Row,
  result: Result,
  { text, stopReason, episode }: PlayedRollout & { episode: Episode },
  place: string,
): Promise<Score> {
  const grader: Pick<Task<Row>, 'name' | 'score'> = { name, score: async () => asScore(await score(row, result, episode)) };
  return scoreAnswer(grader, row, { text, tokens: episodeAnswer(episode).tokens, stopReason, episode }, place);
}

function asScore(given: Score | number): Score {
  return typeof given === 'number' ? { reward: given, verdict: given >= 1 ? 'correct' : 'wrong' } : given;
}

/** A row as a person reads it in the log. */
const rowText = (row: unknown): string => (typeof row === 'string' ? row : describe(row));
