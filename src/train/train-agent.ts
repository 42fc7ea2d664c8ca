/** Trains the model inside somebody's own agent: the agent runs as it is, with an r5 model in its hands, and every call is recorded. */
import { createHash } from 'node:crypto';
import { openChatModel } from '../chat/chat-model.ts';
import { R5Error } from '../error.ts';
import { openRun, type Run } from '../run/run-folder.ts';
import { describe } from '../task/rows.ts';
import { AGENT_MAX_TOKENS, parseAgentConfig, parseAgentSettings, type AgentSettingsInput } from './agent-settings.ts';
import { bindAgent, type ScoredAgent } from './bind-agent.ts';
import type { TrainSettings } from './settings.ts';
import { continueRun, startRun, type TrainHooks, type TrainResult } from './train-run.ts';
import { tokenizerOf, type Workload } from './workload.ts';

/** How a run on an agent is started or gone on with. */
export interface AgentRunOptions extends TrainHooks, AgentSettingsInput {
  /** Where the run's folder is made. Default `runs`. */
  runsDirectory?: string | undefined;
  /** Goes on with a run (its folder, name or id) from its newest checkpoint; its settings are taken from there. */
  resume?: string | undefined;
}

export interface AgentTraining<Row, Result> extends ScoredAgent<Row, Result>, AgentRunOptions {
  /** What the run is called. Default `agent`. */
  name?: string | undefined;
  /** Rows to train on. */
  rows: readonly Row[];
  /** Rows to measure on, before, between and after. Default: none, and nothing is measured. */
  heldOut?: readonly Row[] | undefined;
}

/**
 * Trains by GRPO on what the agent does: a group of rollouts of each row, all of them at the same time, their calls decoded together. The
 * model is sampled as the run wants, so that what it learns from is what it did: `temperature`, `topP`, `topK` and `seed` of the agent's own
 * calls do not count while it is trained. The run is a folder as any other. Throws R5Error for settings that do not fit.
 */
export async function trainAgent<Row, Result>(training: AgentTraining<Row, Result>): Promise<TrainResult> {
  const { name = 'agent', rows, heldOut = [], agent, score, limits, ...rest } = training;
  checkAgent(training);
  const played = { name, rows, heldOut };
  return trainOnAgent(played, agentWorkload({ agent, score, limits }, played), rest);
}

/** Programs without types get here too; what is missing is said before 256 rollouts are lost to it. */
function checkAgent({ rows, agent, score }: { rows: unknown; agent: unknown; score: unknown }): void {
  const problems = [
    Array.isArray(rows) ? '' : `\`rows\` is ${describe(rows)}; give a list of rows to train on`,
    typeof agent === 'function' ? '' : `\`agent\` is ${describe(agent)}; give a function of the model and a row`,
    typeof score === 'function' ? '' : `\`score\` is ${describe(score)}; give a function of a row and what the agent returned`,
  ].filter((problem) => problem !== '');
  if (problems.length > 0) throw new R5Error(`trainAgent: ${problems.join('; ')}.`);
}

/** The run of any agent, wherever it lives. */
export async function trainOnAgent({ name, rows, heldOut }: AgentRows<unknown>, workload: Workload, options: AgentRunOptions): Promise<TrainResult> {
  const { runsDirectory = 'runs', resume, onRun, onEvent, onStep, signal, ...input } = options;
  if (rows.length === 0) throw new R5Error('There are no rows to train on.');
  const hooks: TrainHooks = {
    ...(onRun === undefined ? {} : { onRun }),
    ...(onEvent === undefined ? {} : { onEvent }),
    ...(onStep === undefined ? {} : { onStep }),
    ...(signal === undefined ? {} : { signal }),
  };
  const rowsHash = hashOf([rows, heldOut]);
  if (resume === undefined) {
    const settings: TrainSettings = { ...parseAgentSettings(input), task: name, chat: 'auto' };
    return startRun(settings, workload, runsDirectory, hooks, { algorithm: 'agent', rowsHash });
  }
  const run = openRun(resume, runsDirectory);
  if (!isAgentRun(run)) throw new R5Error(`The run ${run.name} does not train an agent; go on with it by r5 resume.`);
  const { algorithm: _, rowsHash: before, ...settings } = parseAgentConfig(run.config);
  if (before !== rowsHash) throw new R5Error(`The rows are not those that the run ${run.name} was started with, so it cannot be gone on with. Give the same rows, or start a new run.`);
  return continueRun(run, settings, workload, runsDirectory, hooks);
}

/** Whether a run trains somebody's own agent, whose code only the program that started it has. */
export const isAgentRun = (run: Run): boolean => run.config.algorithm === 'agent';

/** What an agent is trained on. */
export interface AgentRows<Row> {
  name: string;
  rows: readonly Row[];
  heldOut: readonly Row[];
}

function agentWorkload<Row, Result>(scored: ScoredAgent<Row, Result>, { name, rows, heldOut }: AgentRows<Row>): Workload {
  return {
    name,
    maxTokens: AGENT_MAX_TOKENS,
    stop: [],
    bind: async (engine) => {
      const chat = openChatModel({ engine, tokenizer: tokenizerOf(engine), name });
      return {
        train: bindAgent(scored, { name, set: 'train', rows, chat }),
        test: heldOut.length === 0 ? undefined : bindAgent(scored, { name, set: 'test', rows: heldOut, chat }),
      };
    },
  };
}

function hashOf(rows: unknown): string {
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex');
}
