import type { Command } from 'commander';
import { taskDefaults } from '../../train/task-defaults.ts';
import { trainSettingsSchema } from '../../train/settings.ts';
import { trainRun } from '../../train/train-run.ts';
import { settledData, settledModel, settledTask } from '../absolute-paths.ts';
import { jsonOption, runsOption } from '../common-options.ts';
import { addOptions, readOptions } from '../option-schema.ts';
import { Output } from '../output.ts';
import { runTraining } from '../run-training.ts';

const options = trainSettingsSchema.omit({ task: true }).extend({ ...runsOption, ...jsonOption });

/** `r5 train <task>`: reinforcement learning with every setting of a run as a flag. */
export function registerTrain(program: Command): void {
  const command = program
    .command('train')
    .description('train a model on a task by reinforcement learning')
    .argument('<task>', 'built-in task (countdown, sort, maze, search, research), or the path of a TypeScript file that exports one');
  addOptions(command, options).action(async (task: string) => {
    const { json, runsDir, ...settings } = readOptions(command, options, taskDefaults(task));
    const settled = { ...settings, task: settledTask(task), ...settledData(settings.data), model: await settledModel(settings.model, runsDir) };
    await runTraining(new Output(json), runsDir, (hooks) => trainRun(settled, runsDir, hooks));
  });
  command.addHelpText('after', '\nExamples:\n  r5 train countdown --steps 100\n  r5 train search\n  r5 train ./my-task.ts --model ./my-model --lora-rank 16\n');
}
