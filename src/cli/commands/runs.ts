import type { Command } from 'commander';
import { z } from 'zod';
import { oneLine } from '../../research/loop/choose-pages.ts';
import { listResearch, type ResearchSummary } from '../../research/loop/run-summary.ts';
import { sparkline } from '../../run/sparkline.ts';
import { listRuns, type RunSummary } from '../../run/summary.ts';
import { jsonOption, runsOption } from '../common-options.ts';
import { percent, whole } from '../format.ts';
import { addOptions, readOptions } from '../option-schema.ts';
import { Output } from '../output.ts';
import { printable } from '../printable.ts';
import { folderOption } from '../research-options.ts';
import { textTable } from '../text-table.ts';
import { typedName } from '../typed-name.ts';

const options = z.strictObject({ ...runsOption, ...folderOption, ...jsonOption });
const CURVE_WIDTH = 24;

/** `r5 runs`: what has been trained, and what has been asked. */
export function registerRuns(program: Command): void {
  const command = program.command('runs').description('list the runs: of training with state, steps, reward, held-out accuracy before and after; of research with question and outcome');
  addOptions(command, options).action(async () => {
    const { json, runsDir, researchDir } = readOptions(command, options);
    const output = new Output(json);
    const list = await listRuns(runsDir);
    const research = listResearch(researchDir);
    output.result({ ...list, research: research.runs, unreadable: [...list.unreadable, ...research.unreadable] });
    if (json) return;
    if (list.runs.length === 0 && research.runs.length > 0) output.line(`There are no runs of training in ${runsDir}.`);
    else if (list.runs.length === 0) output.line(`There are no runs in ${runsDir}. Start one with ${typedName()} start or ${typedName()} train <task>.`);
    else for (const line of textTable([['id', 'task', 'started', 'state', 'steps', 'reward', 'held-out', ''], ...list.runs.map(cells)])) output.line(line);
    if (research.runs.length > 0) {
      output.line();
      for (const line of textTable([['id', 'started', 'state', 'evidence', 'tokens', 'cost', 'question'], ...research.runs.map(researchCells)])) output.line(printable(line));
    }
    for (const { name, problem } of [...list.unreadable, ...research.unreadable]) output.line(`${name} cannot be read: ${problem}`);
  });
}

function cells(run: RunSummary): string[] {
  const { firstAccuracy: first, lastAccuracy: last } = run;
  return [
    run.id,
    run.task,
    run.started.slice(0, 16).replace('T', ' '),
    run.state,
    String(run.steps),
    run.lastReward === undefined ? '-' : run.lastReward.toFixed(3),
    first === undefined || last === undefined ? '-' : accuracies(first, last),
    sparkline(run.rewards, CURVE_WIDTH),
  ];
}

const researchCells = ({ id, started, state, evidence, tokens, money, question }: ResearchSummary): string[] => [
  id, started.slice(0, 16).replace('T', ' '), state, String(evidence), whole(tokens), `$${money.toFixed(4)}`, oneLine(question, 80),
];

/** A run that was evaluated only once has the same accuracy first and last; an arrow would promise more. */
const accuracies = (first: number, last: number): string => (first === last ? percent(first) : `${percent(first)} -> ${percent(last)}`);
