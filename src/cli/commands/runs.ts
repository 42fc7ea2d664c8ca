import type { Command } from 'commander';
import { z } from 'zod';
import { sparkline } from '../../run/sparkline.ts';
import { listRuns, type RunSummary } from '../../run/summary.ts';
import { jsonOption, runsOption } from '../common-options.ts';
import { percent } from '../format.ts';
import { addOptions, readOptions } from '../option-schema.ts';
import { Output } from '../output.ts';
import { textTable } from '../text-table.ts';
import { typedName } from '../typed-name.ts';

const options = z.strictObject({ ...runsOption, ...jsonOption });
const CURVE_WIDTH = 24;

/** `r5 runs`: what has been trained. */
export function registerRuns(program: Command): void {
  const command = program.command('runs').description('list the runs: state, steps, reward, held-out accuracy before and after');
  addOptions(command, options).action(async () => {
    const { json, runsDir } = readOptions(command, options);
    const output = new Output(json);
    const list = await listRuns(runsDir);
    output.result(list);
    if (json) return;
    if (list.runs.length === 0) output.line(`There are no runs in ${runsDir}. Start one with ${typedName()} start or ${typedName()} train <task>.`);
    else for (const line of textTable([['id', 'task', 'started', 'state', 'steps', 'reward', 'held-out', ''], ...list.runs.map(cells)])) output.line(line);
    for (const { name, problem } of list.unreadable) output.line(`${name} cannot be read: ${problem}`);
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

/** A run that was evaluated only once has the same accuracy first and last; an arrow would promise more. */
const accuracies = (first: number, last: number): string => (first === last ? percent(first) : `${percent(first)} -> ${percent(last)}`);
