/** A research run in one line, read from its journal: what `r5 runs` shows. */
import { join } from 'node:path';
import { R5Error } from '../../error.ts';
import { runLockHolder } from '../../run/run-lock.ts';
import { readJournal } from './journal-file.ts';
import type { Outcome } from './outcome.ts';
import { RunCost } from './run-cost.ts';
import { journalPath, readResearchRun, researchRunNames } from './run-folder.ts';

export interface ResearchSummary {
  id: string;
  name: string;
  directory: string;
  question: string;
  /** ISO 8601, UTC. */
  started: string;
  /** How it ended; else whether a living process works on it. */
  state: Outcome | 'running' | 'stopped';
  evidence: number;
  tokens: number;
  /** US dollars, as far as prices are known. */
  money: number;
}

export interface ResearchList {
  /** Newest first. */
  runs: ResearchSummary[];
  unreadable: { name: string; problem: string }[];
}

/** A damaged run does not hide the others. */
export function listResearch(parent: string): ResearchList {
  const list: ResearchList = { runs: [], unreadable: [] };
  for (const name of researchRunNames(parent)) {
    try {
      list.runs.push(summarizeResearch(join(parent, name)));
    } catch (error) {
      if (!(error instanceof R5Error)) throw error;
      list.unreadable.push({ name, problem: error.message });
    }
  }
  list.runs.sort((a, b) => b.started.localeCompare(a.started));
  return list;
}

function summarizeResearch(folder: string): ResearchSummary {
  const { id, name, directory, question } = readResearchRun(folder);
  const cost = new RunCost();
  let started = '';
  let evidence = 0;
  let outcome: Outcome | undefined;
  for (const event of readJournal(journalPath({ directory }))) {
    cost.add(event);
    if (event.type === 'run') started = event.time;
    if (event.type === 'opened') outcome = undefined;
    if (event.type === 'closed') outcome = event.outcome;
    if (event.type === 'fact' && event.name === 'evidence') evidence++;
  }
  const state = outcome ?? (runLockHolder(directory) === undefined ? 'stopped' : 'running');
  return { id, name, directory, question, started, state, evidence, tokens: cost.tokens, money: cost.money };
}
