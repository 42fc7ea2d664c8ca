import type { Command } from 'commander';
import { resolve } from 'node:path';
import { dataFields } from '../../train/data-settings.ts';
import { isDataFile } from '../../train/sft-data.ts';
import { sftRun } from '../../train/sft-run.ts';
import { sftSettingsSchema } from '../../train/sft-settings.ts';
import { settledData, settledModel, settledTask } from '../absolute-paths.ts';
import { jsonOption, runsOption } from '../common-options.ts';
import { addOptions, readOptions } from '../option-schema.ts';
import { Output } from '../output.ts';
import { runFineTuning } from '../run-fine-tuning.ts';

const options = sftSettingsSchema.omit({ data: true, taskData: true }).extend({ data: dataFields.data, ...runsOption, ...jsonOption });

/** `r5 sft <data>`: supervised fine-tuning with every setting of a run as a flag. */
export function registerSft(program: Command): void {
  const command = program
    .command('sft')
    .description("fine-tune a model on given completions, or on a task's solutions")
    .argument('<data>', '.jsonl file with a prompt and a completion a line, or a task that has solutions');
  addOptions(command, options).action(async (source: string) => {
    const { json, runsDir, data: rows, ...settings } = readOptions(command, options);
    const { data: taskData } = settledData(rows);
    const data = isDataFile(source) ? resolve(source) : settledTask(source);
    const settled = { ...settings, data, ...(taskData === undefined ? {} : { taskData }), model: await settledModel(settings.model, runsDir) };
    await runFineTuning(new Output(json), runsDir, (hooks) => sftRun(settled, runsDir, hooks));
  });
  command.addHelpText('after', '\nExamples:\n  r5 sft examples.jsonl --model ./my-model --epochs 2\n  r5 sft sort\n');
}
