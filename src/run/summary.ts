/** A run in one line, read from its log: what `r5 runs` shows. */
import { resolve } from 'node:path';
import { R5Error } from '../error.ts';
import type { EventOf } from './event.ts';
import { readEvents } from './read-events.ts';
import { eventsPath, readRun, runNames, type Run } from './run-folder.ts';
import { runLockHolder } from './run-lock.ts';

/**
 * `running`: a living process writes it. `finished`: it did all its steps. `stopped`: somebody stopped it. `failed`: an error or a
 * check did. `interrupted`: its log ends with none of these, so its process was killed.
 */
export type RunState = 'running' | 'finished' | 'stopped' | 'failed' | 'interrupted';

export interface RunSummary {
  name: string;
  id: string;
  directory: string;
  task: string;
  seed: number;
  /** ISO 8601, UTC. */
  started: string;
  state: RunState;
  /** What the run said when it stopped. */
  message: string | undefined;
  /** Last step done; 0 before the first. */
  steps: number;
  /** Mean reward of each step in order, those that a resume superseded left out; empty for supervised runs. */
  rewards: number[];
  lastReward: number | undefined;
  /** Held-out accuracy of the first and the last evaluation. */
  firstAccuracy: number | undefined;
  lastAccuracy: number | undefined;
  /** What is odd about the log without making it unreadable. */
  warnings: string[];
}

/** A run whose `config.json` or log cannot be read. */
export interface UnreadableRun {
  name: string;
  directory: string;
  problem: string;
}

export interface RunList {
  /** Newest first. */
  runs: RunSummary[];
  unreadable: UnreadableRun[];
}

/** One summary a run in `parent`. A damaged run does not hide the others: it is listed apart with what is wrong with it. */
export async function listRuns(parent: string): Promise<RunList> {
  const list: RunList = { runs: [], unreadable: [] };
  for (const name of runNames(parent)) {
    const directory = resolve(parent, name);
    try {
      list.runs.push(await summarizeRun(readRun(directory)));
    } catch (error) {
      if (!(error instanceof R5Error)) throw error;
      list.unreadable.push({ name, directory, problem: error.message });
    }
  }
  list.runs.sort((a, b) => (a.started < b.started ? 1 : a.started > b.started ? -1 : 0));
  return list;
}

/** Reads the run's log once and keeps the little that a summary needs. Throws R5Error for a damaged log. */
export async function summarizeRun(run: Run): Promise<RunSummary> {
  const tally = new Tally();
  for await (const entry of readEvents(eventsPath(run), { skip: ['episode', 'check'] })) {
    if (entry.kind === 'warning') tally.warnings.push(entry.message);
    if (entry.kind !== 'event') continue;
    const { event } = entry;
    if (event.type === 'resume') tally.rewind(event.fromStep);
    else if (event.type === 'step') tally.addStep(event.step, event.reward);
    else if (event.type === 'supervised-step') tally.addStep(event.step, undefined);
    else if (event.type === 'evaluation') tally.accuracies.set(event.step, event.accuracy);
    else if (event.type === 'stop') tally.end = event;
  }
  const rewards = [...tally.steps.values()].filter((reward) => reward !== undefined);
  const accuracies = [...tally.accuracies.values()];
  return {
    name: run.name,
    id: run.id,
    directory: run.directory,
    task: run.task,
    seed: run.seed,
    started: run.created,
    state: stateOf(run, tally.end?.reason),
    message: tally.end?.message,
    steps: [...tally.steps.keys()].at(-1) ?? 0,
    rewards,
    lastReward: rewards.at(-1),
    firstAccuracy: accuracies[0],
    lastAccuracy: accuracies.at(-1),
    warnings: tally.warnings,
  };
}

function stateOf(run: Run, ended: EventOf<'stop'>['reason'] | undefined): RunState {
  if (ended !== undefined) return ended === 'interrupted' ? 'stopped' : ended;
  return runLockHolder(run.directory) === undefined ? 'interrupted' : 'running';
}

/** What the events so far amount to. Maps keep the order in which steps were done. */
class Tally {
  readonly steps = new Map<number, number | undefined>();
  readonly accuracies = new Map<number, number>();
  readonly warnings: string[] = [];
  /** The stop that nothing came after. */
  end: EventOf<'stop'> | undefined;

  addStep(step: number, reward: number | undefined): void {
    this.steps.set(step, reward);
    this.end = undefined;
  }

  /** The run went on from the weights of `step`: what came after it does not count any more. */
  rewind(step: number): void {
    for (const map of [this.steps, this.accuracies]) {
      for (const later of [...map.keys()].filter((key) => key > step)) map.delete(later);
    }
    this.end = undefined;
  }
}
