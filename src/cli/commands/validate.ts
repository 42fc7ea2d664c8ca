import type { Command } from 'commander';
import { z } from 'zod';
import { loadTask } from '../../train/load-task.ts';
import { validateTask, type ValidationReport } from '../../task/validate.ts';
import { dataFields, dataOptions } from '../../train/data-settings.ts';
import { jsonOption } from '../common-options.ts';
import { exitCodes } from '../exit-codes.ts';
import { addOptions, readOptions } from '../option-schema.ts';
import { Output } from '../output.ts';

const options = z.strictObject({
  rows: z.number().int().positive().default(100).describe('rows of each set whose grading is checked, spread evenly'),
  ...dataFields,
  ...jsonOption,
});

/** More problems than these are counted, not listed. */
const LISTED = 20;

/** `r5 validate <task>`: checks a task without a model. */
export function registerValidate(program: Command): void {
  const command = program
    .command('validate')
    .description('check a task without a model: solutions earn full marks, corrupted ones do not, the sets are disjoint')
    .argument('<task>', 'built-in task, or the path of a TypeScript file');
  addOptions(command, options).action(async (nameOrPath: string) => {
    const { rows, json, ...chosen } = readOptions(command, options);
    const output = new Output(json);
    const report = await validateTask(await loadTask(nameOrPath, dataOptions(chosen)), { rows });
    print(output, report);
    output.result(report);
    if (!report.passed) process.exitCode = exitCodes.invalidTask;
  });
  command.addHelpText('after', '\nExample:\n  r5 validate ./my-task.ts\n');
}

function print(output: Output, report: ValidationReport): void {
  const { task, trainRows, testRows, rowsChecked, solutionsChecked, callsChecked, corruptionsChecked, problems, passed } = report;
  output.line(`${task}: ${trainRows} training rows, ${testRows} held-out rows`);
  const calls = callsChecked === 0 ? '' : `${callsChecked} tool calls, `;
  output.line(`checked ${rowsChecked} rows: ${solutionsChecked} solutions, ${calls}${corruptionsChecked} corrupted answers`);
  if (solutionsChecked === 0) output.line('The task has no solution(), so nothing shows that full marks can be earned; add one.');
  for (const { place, message } of problems.slice(0, LISTED)) output.line(`  ${output.style('red', place)}: ${message}`);
  if (problems.length > LISTED) output.line(`  and ${problems.length - LISTED} more`);
  output.line(passed ? output.style('green', 'The task is fine.') : output.style('red', `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}.`));
}
