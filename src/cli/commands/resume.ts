import type { Command } from 'commander';
import { z } from 'zod';
import { R5Error } from '../../error.ts';
import { effectiveEvents, loadEvents } from '../../run/read-events.ts';
import { openResearchRun, type ResearchRun } from '../../research/loop/run-folder.ts';
import { eventsPath, openRun, type Run } from '../../run/run-folder.ts';
import { isSftRun, resumeSftRun } from '../../train/sft-run.ts';
import { isAgentRun } from '../../train/train-agent.ts';
import { resumeRun } from '../../train/train-run.ts';
import { jsonOption, runsOption } from '../common-options.ts';
import { addOptions, readOptions } from '../option-schema.ts';
import { Output } from '../output.ts';
import { folderOption } from '../research-options.ts';
import { goOnWithResearch } from '../resume-research.ts';
import { runFineTuning } from '../run-fine-tuning.ts';
import { runTraining } from '../run-training.ts';

const options = z.strictObject({ ...runsOption, ...folderOption, ...jsonOption });

/** `r5 resume <run>`: goes on with a run that was stopped or killed, of training or of research. */
export function registerResume(program: Command): void {
  const command = program
    .command('resume')
    .description('go on with a run that was stopped or killed: of training from its newest checkpoint, to the same weights; of research without a paid call again')
    .argument('<run>', "the run's folder, name or id (r5 runs lists them)");
  addOptions(command, options).action(async (wanted: string) => {
    const { json, runsDir, researchDir } = readOptions(command, options);
    const output = new Output(json);
    const found = openEither(wanted, { runsDir, researchDir });
    if ('research' in found) return goOnWithResearch(found.research, {}, output);
    const { run } = found;
    const curve = await curveOf(run);
    if (isAgentRun(run)) {
      throw new R5Error(`The run ${run.name} trains an agent, whose code only the program has that started it. Call trainAgent there with resume: '${run.name}'.`);
    }
    if (isSftRun(run)) await runFineTuning(output, runsDir, (hooks) => resumeSftRun(run, runsDir, hooks), curve);
    else await runTraining(output, runsDir, (hooks) => resumeRun(run, runsDir, hooks), curve);
  });
  command.addHelpText('after', '\nExample:\n  r5 resume 3fa2c1\n');
}

type Found = { run: Run } | { research: ResearchRun };

/** The run of that name, in either folder. Throws R5Error when there is none, or one in each. */
function openEither(wanted: string, { runsDir, researchDir }: { runsDir: string; researchDir: string }): Found {
  const opened: Found[] = [];
  const problems: string[] = [];
  for (const open of [(): Found => ({ run: openRun(wanted, runsDir) }), (): Found => ({ research: openResearchRun(wanted, researchDir) })]) {
    try {
      opened.push(open());
    } catch (error) {
      if (!(error instanceof R5Error)) throw error;
      problems.push(error.message);
    }
  }
  const [first, second] = opened;
  if (first === undefined) throw new R5Error(problems.join('\n'));
  if (second !== undefined) throw new R5Error(`'${wanted}' could be a run of training in ${runsDir} or one of research in ${researchDir}. Give the path of its folder.`);
  return first;
}

/** Rewards, or losses, of the steps so far. */
async function curveOf(run: Run): Promise<number[]> {
  const { events } = await loadEvents(eventsPath(run), { skip: ['episode', 'check'] });
  return effectiveEvents(events).flatMap((event) => {
    if (event.type === 'step') return event.reward;
    return event.type === 'supervised-step' ? event.loss : [];
  });
}
