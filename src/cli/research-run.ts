/** One research run on the command line: what comes as it comes, the end as a report and an exit code. */
import { dirname, resolve } from 'node:path';
import { R5Error } from '../error.ts';
import { depths } from '../research/loop/depth.ts';
import { estimateCost } from '../research/loop/estimate.ts';
import type { NumberedEvent } from '../research/loop/journal-event.ts';
import type { Outcome } from '../research/loop/outcome.ts';
import { reportMarkdown } from '../research/loop/report-markdown.ts';
import type { ResearchResult } from '../research/loop/research-result.ts';
import { chosenLoop, roleModels, type ResearchOptions } from '../research/loop/research.ts';
import { createR5 } from '../train/r5-provider.ts';
import { InputEnded } from './ask-at-terminal.ts';
import { exitCodes } from './exit-codes.ts';
import { watchForInterrupt } from './interrupt.ts';
import type { Output } from './output.ts';
import { printable } from './printable.ts';
import { researchProgress, type ResearchProgress } from './research-progress.ts';
import { limitsOf, researchOptions, type ResearchSettings } from './research-settings.ts';
import { openNamedSources, type OpenedSources } from './research-sources.ts';
import { shownPath } from './shown-path.ts';
import { typedName } from './typed-name.ts';

/** Runs `work` with the models and sources of the settings; says what comes, prints the report, and sets the exit code. */
export async function runOnTerminal(settings: ResearchSettings, { output, researchDir }: { output: Output; researchDir: string }, work: (options: ResearchOptions, progress: ResearchProgress) => Promise<ResearchResult>): Promise<void> {
  // Of what a model leaves aside, such as a temperature, one cannot do anything here.
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
  const provider = createR5({ runsDirectory: settings.runsDir });
  const progress = researchProgress(output, { limits: limitsOf(settings) });
  const interrupt = watchForInterrupt(() => progress.stopping());
  let opened: OpenedSources | undefined;
  let id: string | undefined;
  try {
    // A model that is mistyped is said before folders are read, which may take long.
    const models = await researchOptions(settings, { provider, sources: [], signal: interrupt.signal });
    opened = await openNamedSources(settings, { output, signal: interrupt.signal });
    const options = { ...models, sources: opened.sources };
    showEstimate(settings, options, output);
    const onEvent = (event: NumberedEvent): void => {
      if (event.type === 'run') id = event.id;
      progress.event(event);
    };
    const result = await work({ ...options, onEvent }, progress);
    progress.end();
    showResult(result, output);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error instanceof InputEnded ? new R5Error(error.message, { cause: error }) : error;
    process.exitCode = exitCodes.interrupted;
    progress.end();
    if (id !== undefined) output.line(`Stopped; this goes on with it: ${typedName()} resume ${id}${folderWords(researchDir)}`);
  } finally {
    progress.end();
    interrupt.release();
    await opened?.close();
    await provider.release();
  }
}

function showEstimate({ depth, pageCharacters, loop }: ResearchSettings, options: ResearchOptions, output: Output): void {
  const models = roleModels(options);
  const { calls, tokens, money } = estimateCost(depths[depth], { models, prices: options.prices ?? {}, pageCharacters, loop: chosenLoop(loop, models) });
  output.line(`at most about ${calls} calls of models, ${Math.round(tokens / 1000)} thousand tokens, ${money === undefined ? 'price of a model unknown' : `$${money.toFixed(2)}`}`);
}

const codes: Readonly<Record<Outcome, number>> = {
  complete: exitCodes.ok,
  partial: exitCodes.partial,
  'no-evidence': exitCodes.noEvidence,
  blocked: exitCodes.blocked,
  'over-budget': exitCodes.overBudget,
};

export function showResult(result: ResearchResult, output: Output): void {
  output.line();
  output.line(printable(reportMarkdown(result)));
  for (const { role, model, calls, inputTokens, outputTokens, money, unpriced } of result.cost.models) {
    output.line(`${role.padEnd(8)} ${model}: ${calls} calls, ${inputTokens} tokens read, ${outputTokens} written, ${unpriced ? 'price unknown' : `$${money.toFixed(4)}`}`);
  }
  output.line(printable(resolve(result.directory)));
  const folder = folderWords(dirname(result.directory));
  if (result.report !== undefined) output.line(`${typedName()} research open ${result.id}${folder}   shows it in the browser, each quote with its source`);
  // What stood in the way may be gone, or a limit be raised.
  if (result.outcome === 'blocked' || result.outcome === 'over-budget') output.line(`${typedName()} research resume ${result.id}${folder}   goes on with it, also with another --model or --budget`);
  showEnd(result, output);
}

/** For programs: the result and the exit code of its outcome. */
export function showEnd(result: ResearchResult, output: Output): void {
  output.result(result);
  process.exitCode = codes[result.outcome];
}

/** What has to be typed besides a run's id where the runs are not in the usual folder. */
const folderWords = (researchDir: string): string => (resolve(researchDir) === resolve('research') ? '' : ` --research-dir ${shownPath(resolve(researchDir))}`);
