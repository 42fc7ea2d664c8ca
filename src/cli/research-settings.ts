/** Settings of a research run: what was typed, as it is kept with the run, and the models, sources and limits that it names. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { R5Error } from '../error.ts';
import type { BudgetLimits } from '../research/loop/budget.ts';
import { depthNames } from '../research/loop/depth.ts';
import { namedModel } from '../research/loop/named-model.ts';
import { readPrices } from '../research/loop/prices.ts';
import { unsupportedPolicies } from '../research/loop/research-context.ts';
import type { ResearchModel } from '../research/loop/research-model.ts';
import type { ResearchOptions } from '../research/loop/research.ts';
import { loopNames } from '../research/loop/run-settings.ts';
import type { JsonObject } from '../run/json.ts';
import type { R5Provider } from '../train/r5-provider.ts';
import { isEmbeddedModel } from '../train/resolve-model.ts';
import { trainedForResearch } from '../train/trained-task.ts';

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
