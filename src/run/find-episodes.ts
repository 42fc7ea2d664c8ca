/** Looks episodes and warnings up in a run's log, however large: nothing is held in memory but what is asked for. */
import type { EpisodeEvent, RunEvent, WarningEvent } from './event.ts';
import { readEvents } from './read-events.ts';

export const EPISODE_ORDERS = ['newest', 'reward', 'length', 'surprise'] as const;
export type EpisodeOrder = (typeof EPISODE_ORDERS)[number];

export interface EpisodeQuery {
  /** Greatest first; `newest`: as they were logged, the latest first. */
  order: EpisodeOrder;
  /** The other way round. */
  reverse?: boolean;
  /** How many at most. */
  count: number;
  /** Which ones; default all. */
  accepts?: (episode: EpisodeEvent) => boolean;
}

export interface FoundEpisodes {
  episodes: EpisodeEvent[];
  /** Episodes that fit, shown or not. */
  fitting: number;
  /** All episodes of the log. */
  logged: number;
  /** Of those that fit: how many were dropped, by reason. */
  dropped: Record<string, number>;
  /** Mean reward of those that fit; a lost one has none. */
  meanReward: number | undefined;
  warnings: WarningEvent[];
  /** What is wrong with the log's end, if anything. */
  problems: string[];
}

/**
 * The episodes that fit and come first in the order, and all warnings. What a resume took back is left out. Reads the log twice. Throws
 * R5Error when the log cannot be read.
 */
export async function findEpisodes(path: string, query: EpisodeQuery): Promise<FoundEpisodes> {
  const stillCounts = await validityOf(path);
  const first = new Foremost(query);
  const found: Omit<FoundEpisodes, 'episodes' | 'meanReward'> = { fitting: 0, logged: 0, dropped: {}, warnings: [], problems: [] };
  let rewards = 0;
  let scored = 0;
  for await (const entry of readEvents(path, { skip: ['step', 'supervised-step', 'evaluation', 'check', 'checkpoint', 'start', 'stop', 'resume'] })) {
    if (entry.kind === 'warning') found.problems.push(entry.message);
    if (entry.kind !== 'event' || !stillCounts(entry.event, entry.line)) continue;
    if (entry.event.type === 'warning') found.warnings.push(entry.event);
    if (entry.event.type !== 'episode') continue;
    const episode = entry.event;
    found.logged++;
    if (query.accepts && !query.accepts(episode)) continue;
    found.fitting++;
    if (!isLost(episode)) {
      rewards += episode.reward;
      scored++;
    }
    if (episode.dropped !== undefined) found.dropped[episode.dropped] = (found.dropped[episode.dropped] ?? 0) + 1;
    first.offer(episode, entry.line);
  }
  return { ...found, episodes: first.episodes(), meanReward: scored === 0 ? undefined : rewards / scored };
}

/** Whether it could not be finished or scored, so that its reward and its verdict say nothing. */
export const isLost = ({ dropped }: Pick<EpisodeEvent, 'dropped'>): boolean => dropped === 'lost';

/** Mean negative log-probability of the tokens that the model wrote, in nats; undefined where the log has none. */
export function surpriseOf({ segments = [] }: Pick<EpisodeEvent, 'segments'>): number | undefined {
  const logprobs = segments.flatMap(({ source, logprobs: given }) => (source === 'model' ? (given ?? []) : []));
  return logprobs.length === 0 ? undefined : -logprobs.reduce((sum, logprob) => sum + logprob, 0) / logprobs.length;
}

/** Whether an event still counts: no later resume went back to before its step. */
async function validityOf(path: string): Promise<(event: RunEvent, line: number) => boolean> {
  const resumes: { line: number; fromStep: number }[] = [];
  for await (const entry of readEvents(path, { skip: ['step', 'supervised-step', 'evaluation', 'check', 'checkpoint', 'start', 'stop', 'episode', 'warning'] })) {
    if (entry.kind === 'event' && entry.event.type === 'resume') resumes.push({ line: entry.line, fromStep: entry.event.fromStep });
  }
  return (event, line) => {
    const step = 'step' in event ? event.step : undefined;
    return step === undefined || resumes.every((resume) => resume.line < line || step <= resume.fromStep);
  };
}

/** The few that come first of many, kept sorted. */
class Foremost {
  readonly #query: EpisodeQuery;
  readonly #kept: { episode: EpisodeEvent; value: number; line: number }[] = [];

  constructor(query: EpisodeQuery) {
    this.#query = query;
  }

  offer(episode: EpisodeEvent, line: number): void {
    const { order, reverse = false, count } = this.#query;
    const value = valueOf(episode, order, line) * (reverse ? -1 : 1);
    // Those without a value (no log-probabilities, no reward) come last either way.
    const ranked = Number.isNaN(value) ? -Infinity : value;
    const place = this.#kept.findIndex((other) => ranked > other.value);
    this.#kept.splice(place < 0 ? this.#kept.length : place, 0, { episode, value: ranked, line });
    if (this.#kept.length > count) this.#kept.pop();
  }

  episodes(): EpisodeEvent[] {
    return this.#kept.map(({ episode }) => episode);
  }
}

function valueOf(episode: EpisodeEvent, order: EpisodeOrder, line: number): number {
  if (order === 'reward') return isLost(episode) ? NaN : episode.reward;
  if (order === 'length') return episode.tokens;
  if (order === 'surprise') return surpriseOf(episode) ?? NaN;
  return line;
}
