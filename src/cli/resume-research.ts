/** Goes on with a research run on the command line. */
import { dirname } from 'node:path';
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { ReplayError } from '../research/loop/replay-error.ts';
import { replayResearch, resumeResearch } from '../research/loop/research.ts';
import type { ResearchResult } from '../research/loop/research-result.ts';
import type { ResearchRun } from '../research/loop/run-folder.ts';
import { atTerminal } from './ask-at-terminal.ts';
import type { Output } from './output.ts';
import { runOnTerminal, showEnd } from './research-run.ts';
import { keptSettings, researchSettings } from './research-settings.ts';
import { sourceNames } from './research-sources.ts';
import { typedName } from './typed-name.ts';

/** With the settings that it was started with and those that are new. A run that is complete, with nothing new to do, is left as it is. */
export async function goOnWithResearch(run: ResearchRun, changes: object, output: Output): Promise<void> {
  const changed = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  if (Object.keys(changed).length === 0) {
    const end = await endOf(run);
    if (end?.outcome === 'complete') {
      output.line(`The run ${run.name} is complete; nothing is done again. ${typedName()} research open ${run.id} shows its report.`);
      showEnd(end, output);
      return;
    }
  }
  if (changed.sources !== undefined) changed.sources = sourceNames({ sources: z.array(z.string()).parse(changed.sources) });
  const settings = researchSettings.safeParse({ ...run.settings, ...changed });
  if (!settings.success) throw new R5Error(`The run ${run.name} was started by a program and not by r5 research; go on with it there, by resumeResearch.`);
  await runOnTerminal(settings.data, { output, researchDir: dirname(run.directory) }, (given, progress) => resumeResearch({ ...run, settings: { ...run.settings, ...keptSettings(settings.data) } }, { ...given, ...atTerminal(progress) }));
}

/** What its journal comes to; undefined for a run that was stopped before its end. */
async function endOf(run: ResearchRun): Promise<ResearchResult | undefined> {
  try {
    return await replayResearch(run);
  } catch (error) {
    if (error instanceof ReplayError) return undefined;
    throw error;
  }
}
