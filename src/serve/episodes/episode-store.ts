/**
 * Episodes that agents play over HTTP, kept in `episodes.jsonl`. An agent names its episode and calls the model; a reward ends it. Two ways to
 * begin one: anyone begins what he likes (`begin`), or a trainer announces rollouts and waits for them, and agents take these (`take`).
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { R5Error } from '../../error.ts';
import type { SamplingParams } from '../../engine/engine.ts';
import { makeFolders } from '../../run/durable-file.ts';
import { lockRun, type RunLock } from '../../run/run-lock.ts';
import type { Episode } from '../../task/episode.ts';
import { ApiError } from '../api-error.ts';
import { DurableLines } from './durable-lines.ts';
import { noData } from './episode-data.ts';
import type { EpisodeLine } from './episode-line.ts';
import { episodeReplay, type EpisodeRecord } from './episode-replay.ts';
import { closedError, OpenEpisode, type OpenEpisodeOptions } from './open-episode.ts';

export interface Reward {
  reward: number;
  /** Components by name, logged apart. */
  parts?: Record<string, number>;
  /** What was made of the answer. Default: correct from a reward of 1 on, else wrong. */
  verdict?: 'correct' | 'wrong' | 'unparsable';
}

export interface RewardedEpisode extends Reward {
  id: string;
  row: number | undefined;
  episode: Episode;
}

/** A rollout that a trainer wants. */
export interface WantedRollout {
  row: number;
  /** The row itself, which the agent gets with the episode. */
  input?: unknown;
  /** `test`: it is measured by, and nothing is learned from it. */
  set?: 'train' | 'test';
  /** How its answers are drawn, whatever the agent asks for; `maxTokens` is for all its calls together. */
  sampling: SamplingParams & { seed: number };
}

interface Announced {
  wanted: WantedRollout;
  resolve: (episode: RewardedEpisode) => void;
  reject: (error: unknown) => void;
}

interface Closed {
  status: 'rewarded' | 'lost';
  row: number | undefined;
  calls: number;
  reward: number | undefined;
}

export interface EpisodeState {
  id: string;
  row: number | null;
  status: 'open' | 'rewarded' | 'lost';
  calls: number;
  reward: number | null;
}

/** Where the episodes of a folder are; those of a run lie apart from what the run itself writes. */
export const episodesFolder = (folder: string): string => (existsSync(join(folder, 'config.json')) ? join(resolve(folder), 'recorded') : resolve(folder));

export class EpisodeStore {
  readonly folder: string;
  readonly #lines: DurableLines;
  readonly #lock: RunLock;
  readonly #open = new Map<string, OpenEpisode>();
  readonly #closed = new Map<string, Closed>();
  /** Announced and not taken yet. */
  readonly #wanted: Announced[] = [];
  /** By the episode that took it. */
  readonly #played = new Map<string, Announced>();
  #takers: (() => void)[] = [];

  private constructor(folder: string, lines: DurableLines, lock: RunLock) {
    this.folder = folder;
    this.#lines = lines;
    this.#lock = lock;
  }

  /** Opens the folder (or a run's), makes it where it is missing, and takes up the episodes that were open when the last server ended. */
  static async open(folder: string): Promise<EpisodeStore> {
    const directory = episodesFolder(folder);
    makeFolders(directory);
    const lock = lockRun(directory);
    try {
      const path = join(directory, 'episodes.jsonl');
      const records = new Map<string, EpisodeRecord>();
      const lines = await DurableLines.open(path, episodeReplay(records, path));
      const store = new EpisodeStore(directory, lines, lock);
      for (const record of records.values()) store.#takeUp(record);
      return store;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  #takeUp({ id, row, begunMs, status, reward, data }: EpisodeRecord): void {
    if (status === 'open') this.#open.set(id, this.#openEpisode({ id, row, begunMs, data }));
    else this.#closed.set(id, { status, row, calls: data.turns.length, reward });
  }

  #openEpisode(options: Omit<OpenEpisodeOptions, 'append'>): OpenEpisode {
    return new OpenEpisode({ ...options, append: (line) => this.#append(line) });
  }

  /** Resolves when the line is on the disk. What a client is not told of, it may do again; so it must not be told of what is not recorded. */
  async #append(line: EpisodeLine): Promise<void> {
    try {
      await this.#lines.append(line);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ApiError(503, `This cannot be recorded now: ${reason}`, { code: 'recording_failed', cause });
    }
  }

  /** Throws ApiError for an id that is taken. */
  async begin({ id = newEpisodeId(), row, sampling }: { id?: string; row?: number | undefined; sampling?: WantedRollout['sampling'] } = {}): Promise<OpenEpisode> {
    if (this.#open.has(id) || this.#closed.has(id)) throw new ApiError(409, `There is an episode '${id}' already.`, { param: 'id', code: 'episode_exists' });
    const begun = new Date();
    const episode = this.#openEpisode({ id, row, begunMs: begun.getTime(), data: noData(), sampling });
    this.#open.set(id, episode);
    await this.#append({ type: 'begin', time: begun.toISOString(), episode: id, ...(row === undefined ? {} : { row }) });
    return episode;
  }

  /** The open episode of that name, which begins where there is none yet. Throws ApiError for one that has ended. */
  async obtain(id: string): Promise<OpenEpisode> {
    const open = this.#open.get(id);
    if (open) return open;
    if (this.#closed.has(id)) throw closedError(id);
    return this.begin({ id });
  }

  state(id: string): EpisodeState {
    const open = this.#open.get(id);
    if (open) return { id, row: open.row ?? null, status: 'open', calls: open.calls, reward: null };
    const closed = this.#closed.get(id);
    if (closed) return { id, row: closed.row ?? null, status: closed.status, calls: closed.calls, reward: closed.reward ?? null };
    throw new ApiError(404, `There is no episode '${id.slice(0, 100)}'.`, { code: 'episode_not_found' });
  }

  /** Ends an episode. Resolves when that is on the disk. */
  async reward(id: string, given: Reward): Promise<RewardedEpisode> {
    const open = this.#ending(id);
    this.#closed.set(id, { status: 'rewarded', row: open.row, calls: open.calls, reward: given.reward });
    const ended: RewardedEpisode = { id, row: open.row, ...given, episode: open.episode };
    this.#settle(id)?.resolve(ended);
    await this.#append({ type: 'reward', time: new Date().toISOString(), episode: id, ...given });
    return ended;
  }

  /** Ends an episode that came to nothing through no fault of the model. */
  async lose(id: string, reason: string): Promise<void> {
    const open = this.#ending(id);
    this.#closed.set(id, { status: 'lost', row: open.row, calls: open.calls, reward: undefined });
    this.#settle(id)?.reject(new R5Error(`The agent has given the episode ${id} up: ${reason}`));
    await this.#append({ type: 'lost', time: new Date().toISOString(), episode: id, reason });
  }

  #ending(id: string): OpenEpisode {
    const open = this.#open.get(id);
    if (!open) {
      this.state(id);
      throw closedError(id);
    }
    if (open.callsUnderWay > 0) throw new ApiError(409, `The episode '${id}' has calls under way; wait for their answers.`, { code: 'episode_busy' });
    open.close();
    this.#open.delete(id);
    return open;
  }

  #settle(id: string): Announced | undefined {
    const announced = this.#played.get(id);
    this.#played.delete(id);
    return announced;
  }

  /** Asks for a rollout; resolves with what an agent made of it. When `signal` is aborted it is wanted no more, and rejects. */
  announce(wanted: WantedRollout, signal: AbortSignal): Promise<RewardedEpisode> {
    return new Promise((resolveWanted, reject) => {
      const announced: Announced = { wanted, resolve: resolveWanted, reject };
      const giveUp = (): void => {
        const waiting = this.#wanted.indexOf(announced);
        if (waiting >= 0) this.#wanted.splice(waiting, 1);
        const [id] = [...this.#played].find(([, one]) => one === announced) ?? [];
        reject(new R5Error(`No agent ended the rollout of row ${wanted.row} in time${id === undefined ? '; none took it' : ` (episode ${id})`}.`));
        if (id !== undefined) this.#forget(id, 'the trainer waits for it no longer');
      };
      if (signal.aborted) return giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      this.#wanted.push(announced);
      for (const wake of this.#takers.splice(0)) wake();
    });
  }

  /** Nobody waits for it any more. */
  #forget(id: string, reason: string): void {
    const open = this.#open.get(id);
    this.#played.delete(id);
    if (!open) return;
    open.close();
    this.#open.delete(id);
    this.#closed.set(id, { status: 'lost', row: open.row, calls: open.calls, reward: undefined });
    // A line that cannot be written now is written with the next one.
    this.#append({ type: 'lost', time: new Date().toISOString(), episode: id, reason }).catch(() => undefined);
  }

  /** The next rollout that a trainer wants, as an episode; waits for one, and gives undefined when `signal` comes first. */
  async take(signal: AbortSignal): Promise<{ episode: OpenEpisode; wanted: WantedRollout } | undefined> {
    while (!signal.aborted) {
      const announced = this.#wanted.shift();
      if (announced) {
        const { wanted } = announced;
        const id = newEpisodeId();
        this.#played.set(id, announced);
        return { wanted, episode: await this.begin({ id, row: wanted.row, sampling: wanted.sampling }) };
      }
      await new Promise<void>((wake) => {
        this.#takers.push(wake);
        signal.addEventListener('abort', () => wake(), { once: true });
      });
    }
    return undefined;
  }

  /** For an agent that hung up before it learned of its rollout: another one gets it. */
  giveBack(id: string): void {
    const announced = this.#settle(id);
    this.#forget(id, 'the agent hung up before it learned of it');
    if (!announced) return;
    this.#wanted.unshift(announced);
    for (const wake of this.#takers.splice(0)) wake();
  }

  /** What is being written is waited for. Open episodes stay open: the next server takes them up. */
  async close(): Promise<void> {
    for (const announced of [...this.#wanted.splice(0), ...this.#played.values()]) announced.reject(new R5Error('The server that the agents call has been closed.'));
    await this.#lines.close();
    this.#lock.release();
  }
}

const newEpisodeId = (): string => `ep_${randomBytes(9).toString('base64url')}`;
