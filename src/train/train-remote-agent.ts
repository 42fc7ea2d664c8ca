/** Trains the model inside an agent that lives in another process, in whatever language: it takes its rollouts over HTTP, and posts their rewards. */
import { z } from 'zod';
import { episodeAnswer } from '../agent/task-episode.ts';
import { R5Error } from '../error.ts';
import { EpisodeStore, type RewardedEpisode } from '../serve/episodes/episode-store.ts';
import type { RunningServer } from '../serve/http-server.ts';
import { serve, type ServeOptions } from '../serve/serve.ts';
import { servedModel } from '../serve/served-model.ts';
import type { LocalEngine } from '../engine/local/local-engine.ts';
import type { RolloutOutcome } from '../rl/rollouts.ts';
import type { Run } from '../run/run-folder.ts';
import { trainingSequences } from '../task/episode.ts';
import { describe } from '../task/rows.ts';
import { AGENT_MAX_TOKENS } from './agent-settings.ts';
import type { BoundEpisodes } from './bind-episodes.ts';
import { trainOnAgent, type AgentRows, type AgentRunOptions } from './train-agent.ts';
import type { TrainResult } from './train-run.ts';
import { tokenizerOf, type Workload } from './workload.ts';

export interface RemoteAgentTraining<Row> extends AgentRunOptions {
  /** What the run is called. Default `agent`. */
  name?: string;
  /** Rows to train on; the agent gets them as JSON. */
  rows: readonly Row[];
  /** Rows to measure on, before, between and after. Default: none, and nothing is measured. */
  heldOut?: readonly Row[];
  limits?: {
    /** Time of one rollout, waiting for an agent to take it included; one that takes longer is lost. Default 10 minutes. */
    timeoutMs?: number;
  };
  /** Where the server listens, and who may call it. Default: a free port, this machine only. */
  server?: Pick<ServeOptions, 'host' | 'port' | 'apiKeys'>;
  /** Told of the server's address once it listens: the time to start the agents. */
  onListening?: (url: string) => void;
}

const TIMEOUT_MS = 600_000;

/**
 * Serves the model while it is trained. An agent asks `POST /episodes` with `{"take": true}` for a rollout and gets its row and a base URL,
 * calls the model there with any client of OpenAI's, and posts the reward; then it asks for the next. Agents may be many. The model is sampled
 * as the run wants, whatever the agents ask for. What they did is kept in the run's folder, `recorded/`. Throws R5Error for settings that do not fit.
 */
export async function trainRemoteAgent<Row>(training: RemoteAgentTraining<Row>): Promise<TrainResult> {
  const { name = 'agent', rows, heldOut = [], limits, server, onListening, ...options } = training;
  const played: AgentRows<Row> = { name, rows, heldOut };
  const host = new EpisodeHost(name, server ?? {}, onListening);
  const onRun: NonNullable<AgentRunOptions['onRun']> = (run, settings) => {
    options.onRun?.(run, settings);
    host.start(run);
  };
  try {
    return await trainOnAgent(played, remoteWorkload(played, host, limits?.timeoutMs ?? TIMEOUT_MS), { ...options, onRun });
  } finally {
    await host.close();
  }
}

/** The server of a run. It starts once the run has a folder, where the episodes are kept. */
class EpisodeHost {
  readonly #name: string;
  readonly #options: Pick<ServeOptions, 'host' | 'port' | 'apiKeys'>;
  readonly #onListening: ((url: string) => void) | undefined;
  #engine: LocalEngine | undefined;
  #running: Promise<{ server: RunningServer; store: EpisodeStore }> | undefined;

  constructor(name: string, options: Pick<ServeOptions, 'host' | 'port' | 'apiKeys'>, onListening: ((url: string) => void) | undefined) {
    this.#name = name;
    this.#options = options;
    this.#onListening = onListening;
  }

  use(engine: LocalEngine): void {
    this.#engine = engine;
  }

  start(run: Run): void {
    this.#running = this.#listen(run);
    // Whoever plays a rollout gets the error.
    this.#running.catch(() => undefined);
  }

  async #listen(run: Run): Promise<{ server: RunningServer; store: EpisodeStore }> {
    const engine = this.#engine;
    if (!engine) throw new Error('the engine is opened before the run begins');
    const store = await EpisodeStore.open(run.directory);
    try {
      const server = await serve({ model: servedModel(this.#name, { engine, tokenizer: tokenizerOf(engine) }), episodes: store, ...this.#options });
      this.#onListening?.(server.url);
      return { server, store };
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  async store(): Promise<EpisodeStore> {
    if (!this.#running) throw new Error('rollouts are played once the run has begun');
    return (await this.#running).store;
  }

  async close(): Promise<void> {
    const running = await this.#running?.catch(() => undefined);
    await running?.server.close({ graceMs: 0 });
    await running?.store.close();
  }
}

function remoteWorkload<Row>({ name, rows, heldOut }: AgentRows<Row>, host: EpisodeHost, timeoutMs: number): Workload {
  return {
    name,
    maxTokens: AGENT_MAX_TOKENS,
    stop: [],
    bind: async (engine) => {
      host.use(engine);
      return {
        train: bindRemote('train', rows, host, timeoutMs),
        test: heldOut.length === 0 ? undefined : bindRemote('test', heldOut, host, timeoutMs),
      };
    },
  };
}

function bindRemote(set: 'train' | 'test', rows: readonly unknown[], host: EpisodeHost, timeoutMs: number): BoundEpisodes {
  return {
    set,
    rowCount: rows.length,
    promptText: (row) => rowText(rows[row]),
    rollout: async (row, { sampling, signal }) => {
      const store = await host.store();
      return outcome(await store.announce({ row, input: asJson(rows[row], row), set, sampling }, AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])));
    },
  };
}

function outcome({ episode, reward, parts, verdict }: RewardedEpisode): RolloutOutcome {
  const { text, stopReason } = episodeAnswer(episode);
  return { sequences: trainingSequences(episode), episode, text, stopReason, reward, verdict: verdict ?? (reward >= 1 ? 'correct' : 'wrong'), ...(parts ? { parts } : {}) };
}

/** What the agent gets of a row. */
function asJson(row: unknown, index: number): z.core.util.JSONType {
  const parsed = z.json().safeParse(JSON.parse(JSON.stringify(row ?? null)));
  if (parsed.success) return parsed.data;
  throw new R5Error(`Row ${index} is no JSON, so no agent in another process can read it.`);
}

/** A row as a person reads it in the log. */
const rowText = (row: unknown): string => (typeof row === 'string' ? row : describe(row));
