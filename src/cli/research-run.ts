/** One research run on the command line: models, sources and limits from what was typed, events as lines, the end as a report and an exit code. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { z } from 'zod';
import type { BudgetLimits } from '../research/loop/budget.ts';
import { depths, depthNames } from '../research/loop/depth.ts';
import { estimateCost } from '../research/loop/estimate.ts';
import type { NumberedEvent } from '../research/loop/journal-event.ts';
import { namedModel } from '../research/loop/named-model.ts';
import type { Outcome } from '../research/loop/outcome.ts';
import type { PlanQuestion } from '../research/loop/plan.ts';
import { readPrices } from '../research/loop/prices.ts';
import { reportMarkdown } from '../research/loop/report-markdown.ts';
import type { ResearchModel } from '../research/loop/research-model.ts';
import type { ResearchResult } from '../research/loop/research-result.ts';
import { loopNames } from '../research/loop/run-settings.ts';
import { unsupportedPolicies } from '../research/loop/research-context.ts';
import { chosenLoop, roleModels, type ResearchOptions } from '../research/loop/research.ts';
import type { JsonObject } from '../run/json.ts';
import { createR5, type R5Provider } from '../train/r5-provider.ts';
import { isEmbeddedModel } from '../train/resolve-model.ts';
import { trainedForResearch } from '../train/trained-task.ts';
import { R5Error } from '../error.ts';
import { exitCodes } from './exit-codes.ts';
import { watchForInterrupt } from './interrupt.ts';
import type { Output } from './output.ts';
import { printable } from './printable.ts';
import { researchProgress, type ResearchProgress } from './research-progress.ts';
import { openNamedSources, type OpenedSources } from './research-sources.ts';
import { shownPath } from './shown-path.ts';
import { typedName } from './typed-name.ts';

/** Files and folders are kept by their whole paths, so that the run goes on from any folder. */
const wholePath = z.string().transform((typed) => resolve(typed));
const nameOrPath = z.string().transform((typed) => (!isEmbeddedModel(typed) && existsSync(typed) ? resolve(typed) : typed));

/** What of the options is kept with the run, so that it can go on. */
export const researchSettings = z.object({
  model: nameOrPath,
  plannerModel: nameOrPath.optional(),
  readerModel: nameOrPath.optional(),
  writerModel: nameOrPath.optional(),
  fallbackModel: z.array(nameOrPath).default([]),
  entailmentModel: nameOrPath.optional(),
  unsupported: z.enum(unsupportedPolicies).optional(),
  /** By names that open the same again from any folder. */
  sources: z.array(z.string()),
  embeddings: z.string().optional(),
  embeddingsUrl: z.string().optional(),
  allowHost: z.array(z.string()).default([]),
  budget: z.number().optional(),
  budgetTokens: z.number().optional(),
  budgetSteps: z.number().optional(),
  minutes: z.number().optional(),
  prices: wholePath.optional(),
  runsDir: wholePath,
  depth: z.enum(depthNames),
  loop: z.enum(loopNames).optional(),
  pageCharacters: z.number(),
});
export type ResearchSettings = z.infer<typeof researchSettings>;

/** The settings of what was typed. Throws R5Error where no model was named: none that comes with r5 knows any language. */
export function typedSettings({ model, ...typed }: { model?: string | undefined; sources: readonly string[] }): ResearchSettings {
  if (model === undefined) throw new R5Error('Name a model by --model: a server and its model such as http://localhost:11434/v1#qwen3:4b, a provider and its model such as openai:gpt-4o-mini, or one of r5.');
  return researchSettings.parse({ ...typed, model });
}

/** As they are written down with a run. */
export const keptSettings = (settings: ResearchSettings): JsonObject => z.record(z.string(), z.json()).parse(JSON.parse(JSON.stringify(settings)));

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

/** Models, sources and limits of the settings. */
export async function researchOptions(settings: ResearchSettings, { provider, sources, signal }: { provider: R5Provider; sources: ResearchOptions['sources']; signal: AbortSignal }): Promise<ResearchOptions> {
  const named = (typed: string): Promise<ResearchModel> => namedModel(typed, { open: (name) => provider(name), isAgent: (name) => trainedForResearch(name, settings.runsDir) });
  const ofRole = async (typed: string | undefined): Promise<ResearchModel | undefined> => (typed === undefined ? undefined : named(typed));
  const [planner, reader, writer] = await Promise.all([ofRole(settings.plannerModel), ofRole(settings.readerModel), ofRole(settings.writerModel)]);
  return {
    model: await named(settings.model),
    models: { ...(planner && { planner }), ...(reader && { reader }), ...(writer && { writer }) },
    entailment: await ofRole(settings.entailmentModel),
    fallbacks: await Promise.all(settings.fallbackModel.map(named)),
    sources,
    allowPrivate: settings.allowHost.map((host) => host.toLowerCase()),
    prices: readPrices(settings.prices),
    budget: limitsOf(settings),
    signal,
  };
}

/** The budget of the settings. */
export const limitsOf = ({ budget, budgetTokens, budgetSteps, minutes }: ResearchSettings): BudgetLimits => ({
  money: budget,
  tokens: budgetTokens,
  steps: budgetSteps,
  seconds: minutes === undefined ? undefined : minutes * 60,
});

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

/** No failure of the run's: the journal does not keep it, and the question is asked again when the run goes on. */
class InputEnded extends Error {}

/** Asks at the terminal; an empty line leaves the question open. Throws InputEnded where nobody can answer any more. */
async function askAtTerminal(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // A terminal in the hands of readline sends no signal by itself.
  lines.once('SIGINT', () => {
    process.emit('SIGINT', 'SIGINT');
    lines.close();
  });
  const ended = new Promise<never>((_, reject) => {
    lines.once('close', () => reject(new InputEnded('The input ended before an answer came. --clarify and --approve-plan need somebody at the terminal.')));
  });
  try {
    return await Promise.race([lines.question(`${printable(question)}\n> `), ended]);
  } finally {
    lines.close();
  }
}

async function approveAtTerminal(plan: readonly PlanQuestion[], path: string): Promise<void> {
  await askAtTerminal(`${plan.map(({ question }) => `- ${question}`).join('\n')}\nEdit ${path} if you like, then press Enter to begin.`);
}

/** The questions of a run, put at the terminal. */
export const atTerminal = (progress: ResearchProgress): Required<Pick<ResearchOptions, 'clarify' | 'approvePlan'>> => ({
  clarify: (text) => progress.quietly(() => askAtTerminal(text)),
  approvePlan: (plan, path) => progress.quietly(() => approveAtTerminal(plan, path)),
});
