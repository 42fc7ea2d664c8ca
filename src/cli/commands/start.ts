import type { Command } from 'commander';
import { z } from 'zod';
import { trainRun } from '../../train/train-run.ts';
import { settledModel } from '../absolute-paths.ts';
import { jsonOption, modelOption, runsOption } from '../common-options.ts';
import { addOptions, readOptions } from '../option-schema.ts';
import { Output } from '../output.ts';
import { runTraining } from '../run-training.ts';
import { START_SETTINGS } from '../start-settings.ts';

const options = z.strictObject({
  seed: z.number().int().nonnegative().default(1).describe('names every random draw of the run'),
  ...modelOption,
  ...runsOption,
  ...jsonOption,
});

/** `r5 start`: the embedded model learns the embedded task. */
export function registerStart(program: Command): void {
  const command = program.command('start').description('train the embedded model on the task countdown and show it learn (minutes, no GPU)');
  addOptions(command, options).action(async () => {
    const { seed, model, runsDir, json } = readOptions(command, options);
    const settings = { ...START_SETTINGS, task: 'countdown', seed, model: await settledModel(model, runsDir) };
    await runTraining(new Output(json), runsDir, (hooks) => trainRun(settings, runsDir, hooks));
  });
}
