/** Research from TypeScript: `research({ question, model, sources })`, and the same run gone on with, or gone through again. */
import { R5Error } from '../../error.ts';
import type { JsonObject } from '../../run/json.ts';
import { lockRun } from '../../run/run-lock.ts';
import { SnapshotStore } from '../evidence/snapshot-store.ts';
import type { SearchSource } from '../search-source.ts';
import { Budget, type BudgetLimits } from './budget.ts';
import type { Answerer } from './clarify.ts';
import { depths, type DepthName } from './depth.ts';
import { Journal } from './journal.ts';
import type { NumberedEvent } from './journal-event.ts';
import { readJournal } from './journal-file.ts';
import { keepResult } from './kept-result.ts';
import { ModelCaller } from './model-caller.ts';
import type { PlanQuestion } from './plan.ts';
import { priceOf, readPrices, type Prices } from './prices.ts';
import type { HitReader, UnsupportedPolicy } from './research-context.ts';
import { modelRoles, researchModel, type LanguageModelObject, type ModelRole, type ResearchModel, type RoleModels } from './research-model.ts';
import type { ResearchResult } from './research-result.ts';
import { RunCost } from './run-cost.ts';
import { createResearchRun, journalPath, snapshotsPath, type ResearchRun } from './run-folder.ts';
import { runResearch, type ResearchParts } from './run-research.ts';
import { openedSettings, runSettings, type LoopName, type RunSettings } from './run-settings.ts';
import { environmentSecrets } from './secrets.ts';
import { verifySentences, type SentenceCheck } from './sentence-check.ts';
import { PageReader } from '../web/read-page.ts';
import { webReader } from './web-reader.ts';
import { workedSeconds } from './worked-seconds.ts';

export interface ResearchOptions {
  /** Any model object of the AI SDK; plays all roles that have none of their own. */
  model: LanguageModelObject | ResearchModel;
  models?: Partial<Record<ModelRole, LanguageModelObject | ResearchModel>> | undefined;
  /** Asked in turn when a role's model gives nothing of use. */
  fallbacks?: readonly (LanguageModelObject | ResearchModel)[] | undefined;
  sources: readonly SearchSource[];
  /** Gives a second opinion on each sentence that code verified: whether its quotes say it. Reported apart; it changes nothing else. */
  entailment?: LanguageModelObject | ResearchModel | undefined;
  /** Reads pages that were found. Default: a PageReader, which asks nothing but the public internet. */
  readPage?: HitReader | undefined;
  /** Hosts of private networks whose pages may be read, each by name or address, with or without its port. Default none. */
  allowPrivate?: readonly string[] | undefined;
  /** Whether sentences hold. Default: the verifier of reports. */
  check?: SentenceCheck | undefined;
  budget?: BudgetLimits | undefined;
  prices?: Prices | undefined;
  /** More that must not leave this machine in a query, besides keys and passwords of the environment. */
  secrets?: readonly string[] | undefined;
  /** Asks the user what the question means; without it questions back stay open. */
  clarify?: Answerer | undefined;
  /** Waits until the user agrees to the plan. */
  approvePlan?: ((plan: readonly PlanQuestion[], path: string) => Promise<void>) | undefined;
  /** Told of each event of the run's journal: those before a resume first, then each as it comes. */
  onEvent?: ((event: NumberedEvent) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** First wait before another try of what failed. Default 1000. */
  firstRetryMs?: number | undefined;
}

export interface NewResearch extends ResearchOptions {
  question: string;
  /** What the user had said before, oldest first, where the question only makes sense with it. */
  earlier?: readonly string[] | undefined;
  depth?: DepthName | undefined;
  /** Agents that share the plan's questions. Default 1. */
  parallel?: number | undefined;
  /** Most characters of a page that the reader sees at once. */
  pageCharacters?: number | undefined;
  /** What becomes of a sentence that fails its check after its one repair. Default `cut`. */
  unsupported?: UnsupportedPolicy | undefined;
  /**
   * `plan`: questions, pages, notes, sections; for models that answer in JSON. `agent`: one model with tools. Default: `agent` for a model that was
   * trained for it (`isAgent`), `plan` for all others.
   */
  loop?: LoopName | undefined;
  /** Folder of the runs. Default `research`. */
  directory?: string | undefined;
  /** Kept with the run for whoever goes on with it; means nothing to the run itself. */
  settings?: JsonObject | undefined;
}

/**
 * Answers a question from sources; what it found, and how it ended, is in the result. Throws R5Error when it cannot begin, and what aborted
 * it. A run that was aborted or killed goes on by `resumeResearch`.
 */
export async function research({ question, earlier, depth, parallel, pageCharacters, unsupported, loop, directory = 'research', settings = {}, ...options }: NewResearch): Promise<ResearchResult> {
  if (question.trim() === '') throw new R5Error('The question is empty.');
  refuseImpossible(options);
  const wanted = { earlier: earlier && [...earlier], depth, parallel, pageCharacters, unsupported, clarify: options.clarify !== undefined, approvePlan: options.approvePlan !== undefined };
  const models = roleModels(options);
  const agent = { reads: options.sources.some(({ holdsTexts }) => holdsTexts !== true), fenced: models.writer.isAgent !== true };
  const chosen = chosenLoop(loop, models);
  const given = Object.entries({ ...wanted, loop: chosen, agent }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  const all: JsonObject = { ...settings, ...Object.fromEntries(given) };
  refuseWithoutPlan(runSettings({ name: question, settings: all }), options);
  return resumeResearch(createResearchRun(directory, question.trim(), all), options);
}

/** The loop of a run whose user may have chosen one. */
export const chosenLoop = (wanted: LoopName | undefined, { writer }: RoleModels): LoopName => wanted ?? (writer.isAgent === true ? 'agent' : 'plan');

/** Goes on with a run: no call that had finished is made again. Throws like `research`. */
export async function resumeResearch(run: ResearchRun, options: ResearchOptions): Promise<ResearchResult> {
  refuseImpossible(options);
  refuseWithoutPlan(runSettings(run), options);
  const opened = { ...run, settings: openedSettings(run, { sources: options.sources.map(({ name }) => name), fallbacks: options.fallbacks?.length ?? 0, entailment: roleModels(options).judge?.name }) };
  const lock = lockRun(run.directory);
  // Its browser and its threads end with the run.
  const pages = options.readPage === undefined ? new PageReader({ allowPrivate: options.allowPrivate ?? [] }) : undefined;
  const readPage = options.readPage ?? webReader(pages);
  const cost = new RunCost();
  try {
    const budget = new Budget(options.budget ?? {}, cost, workedSeconds(readJournal(journalPath(run))));
    const journal = Journal.open(journalPath(run), { onEvent: watcher(cost, options.onEvent) });
    try {
      journal.append({ type: 'opened', settings: opened.settings });
      const result = await runResearch(partsOf(opened, { journal, cost, budget }, { ...options, readPage }));
      await keepResult(run, result);
      journal.append({ type: 'closed', outcome: result.outcome });
      return result;
    } finally {
      journal.close();
    }
  } finally {
    await pages?.close();
    lock.release();
  }
}

/** Goes through a run again from its journal alone: no network, no model, nothing written. Throws ReplayError where the run had been stopped. */
export async function replayResearch(run: ResearchRun, options: Pick<ResearchOptions, 'check' | 'onEvent'> = {}): Promise<ResearchResult> {
  const cost = new RunCost();
  const journal = Journal.replay(journalPath(run), { onEvent: watcher(cost, options.onEvent) });
  const { sources, fallbacks, entailment } = runSettings(run);
  const model: ResearchModel = { name: 'none', model: { specificationVersion: 'v4', provider: 'none', modelId: 'none', supportedUrls: {}, doGenerate: nothing, doStream: nothing }, local: true };
  const parts = partsOf(run, { journal, cost, budget: new Budget({}, cost) }, {
    ...options,
    model,
    fallbacks: Array.from({ length: fallbacks }, () => ({ ...model })),
    ...(entailment === undefined ? {} : { entailment: { ...model, name: entailment } }),
    sources: sources.map((name) => ({ name, search: nothing })),
    readPage: nothing,
    prices: {},
  });
  return runResearch(parts);
}

const nothing = (): never => {
  throw new Error('a replay performs nothing');
};

const watcher = (cost: RunCost, onEvent: ResearchOptions['onEvent']) => (event: NumberedEvent): void => {
  cost.add(event);
  onEvent?.(event);
};

function partsOf(run: ResearchRun, held: Pick<ResearchParts, 'journal' | 'cost' | 'budget'>, options: ResearchOptions): ResearchParts {
  const { prices = readPrices(), check = verifySentences, sources, readPage = webReader(), clarify, approvePlan, firstRetryMs, signal = new AbortController().signal } = options;
  const settings = runSettings(run);
  return {
    run,
    ...held,
    sources,
    readPage,
    check,
    signal,
    firstRetryMs,
    clarify: settings.clarify ? (clarify ?? (async () => '')) : undefined,
    approvePlan: settings.approvePlan ? (approvePlan ?? (async () => {})) : undefined,
    caller: new ModelCaller({ models: roleModels(options), prices, ...held, signal, firstRetryMs }),
    snapshots: new SnapshotStore(snapshotsPath(run)),
    depth: depths[settings.depth],
    parallel: settings.parallel,
    earlier: settings.earlier,
    pageCharacters: settings.pageCharacters,
    loop: settings.loop,
    agent: settings.agent,
    unsupported: settings.unsupported,
    judge: settings.entailment,
    secrets: [...environmentSecrets(process.env), ...(options.secrets ?? [])],
  };
}

/** The models by role. */
export function roleModels({ model, models = {}, fallbacks = [], entailment }: Pick<ResearchOptions, 'model' | 'models' | 'fallbacks' | 'entailment'>): RoleModels {
  const named = (one: LanguageModelObject | ResearchModel): ResearchModel => ('local' in one ? one : researchModel(one));
  const main = named(model);
  const ofRole = (role: ModelRole): ResearchModel => (models[role] === undefined ? main : named(models[role]));
  return { planner: ofRole('planner'), reader: ofRole('reader'), writer: ofRole('writer'), fallbacks: fallbacks.map(named), ...(entailment === undefined ? {} : { judge: named(entailment) }) };
}

/** Throws R5Error for what an agent would have to leave aside. */
function refuseWithoutPlan({ loop, clarify, approvePlan, parallel }: RunSettings, { models = {}, fallbacks = [] }: ResearchOptions): void {
  if (loop !== 'agent') return;
  const useless = { clarify, 'approve-plan': approvePlan, parallel: parallel > 1, 'planner-model': models.planner !== undefined, 'reader-model': models.reader !== undefined, 'fallback-model': fallbacks.length > 0 };
  const given = Object.entries(useless).flatMap(([name, isGiven]) => (isGiven ? [name] : []));
  if (given.length > 0) throw new R5Error(`An agent has no plan to ask back about, to approve or to share out, and is one model, the writer's. Leave out ${given.join(', ')}, or choose the loop \`plan\`.`);
}

function refuseImpossible(options: ResearchOptions): void {
  if (options.sources.length === 0) throw new R5Error('There is no source to search. Name one by --sources, or a folder by --documents.');
  if (options.budget?.money === undefined) return;
  const models = roleModels(options);
  const prices = options.prices ?? readPrices();
  const unpriced = [...modelRoles.map((role) => models[role]), ...models.fallbacks, ...(models.judge === undefined ? [] : [models.judge])].find((model) => priceOf(model, prices) === undefined);
  if (unpriced === undefined) return;
  throw new R5Error(`A budget in money needs the price of each model, and that of ${unpriced.name} is not known. Put it into the file of prices, or limit the tokens instead.`);
}
