import type { Command } from 'commander';
import { z } from 'zod';
import { R5Error } from '../../error.ts';
import { effectiveEvents, loadEvents } from '../../run/read-events.ts';
import { eventsPath, openRun, type Run } from '../../run/run-folder.ts';
import { isSftRun, resumeSftRun } from '../../train/sft-run.ts';
import { isAgentRun } from '../../train/train-agent.ts';
import { resumeRun } from '../../train/train-run.ts';
import { jsonOption, runsOption } from '../common-options.ts';
import { addOptions, readOptions } from '../option-schema.ts';
import { Output } from '../output.ts';
import { runFineTuning } from '../run-fine-tuning.ts';
import { runTraining } from '../run-training.ts';

const options = z.strictObject({ ...runsOption, ...jsonOption });

/** `r5 resume <run>`: goes on with a run that was stopped or killed. */
export function registerResume(program: Command): void {
  const command = program
    .command('resume')
    .description('go on with a run that was stopped or killed, from its newest checkpoint, to the same weights')
    .argument('<run>', "the run's folder, name or id (r5 runs lists them)");
  addOptions(command, options).action(async (wanted: string) => {
    const { json, runsDir } = readOptions(command, options);
    const run = openRun(wanted, runsDir);
    const output = new Output(json);
    const curve = await curveOf(run);
    if (isAgentRun(run)) {
      throw new R5Error(`The run ${run.name} trains an agent, whose code only the program has that started it. Call trainAgent there with resume: '${run.name}'.`);
    }
    if (isSftRun(run)) await runFineTuning(output, runsDir, (hooks) => resumeSftRun(run, runsDir, hooks), curve);
    else await runTraining(output, runsDir, (hooks) => resumeRun(run, runsDir, hooks), curve);
  });
  command.addHelpText('after', '\nExample:\n  r5 resume 3fa2c1\n');
}

/** Rewards, or losses, of the steps so far. */
async function curveOf(run: Run): Promise<number[]> {
  const { events } = await loadEvents(eventsPath(run), { skip: ['episode', 'check'] });
  return effectiveEvents(events).flatMap((event) => {
    if (event.type === 'step') return event.reward;
    return event.type === 'supervised-step' ? event.loss : [];
  });
}
