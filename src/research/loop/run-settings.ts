/** What of a run's settings decides the way it goes, and so has to be the same whenever the run is gone through again. */
import { z } from 'zod';
import { R5Error } from '../../error.ts';
import { describeProblem, type JsonObject } from '../../run/json.ts';
import { depthNames } from './depth.ts';
import { unsupportedPolicies } from './research-context.ts';
import type { ResearchRun } from './run-folder.ts';

/** Ways to go about it. */
export const loopNames = ['plan', 'agent'] as const;
export type LoopName = (typeof loopNames)[number];

const settingsSchema = z.looseObject({
  depth: z.enum(depthNames).default('normal'),
  parallel: z.int().min(1).max(16).default(1),
  /** Most characters of a page that the reader sees at once. */
  pageCharacters: z.int().min(500).default(12_000),
  /** What becomes of a sentence that fails its check after its repair. */
  unsupported: z.enum(unsupportedPolicies).default('cut'),
  /** Name of the model that gives a second opinion on the sentences of the report; absent where none does. */
  entailment: z.string().optional(),
  clarify: z.boolean().default(false),
  approvePlan: z.boolean().default(false),
  /** What the user had said before the question, oldest first. */
  earlier: z.array(z.string()).default([]),
  /** `agent`: one model with tools, in place of a plan. */
  loop: z.enum(loopNames).default('plan'),
  /** Whether an agent is offered to read pages, and whether results stand in a fence. */
  agent: z.object({ reads: z.boolean(), fenced: z.boolean() }).default({ reads: true, fenced: true }),
  /** Names of the sources. */
  sources: z.array(z.string()).default([]),
  /** Models to turn to when a role's own gives nothing of use. */
  fallbacks: z.int().nonnegative().default(0),
});
export type RunSettings = z.infer<typeof settingsSchema>;

/** Throws R5Error for settings that cannot be. */
export function runSettings({ name, settings }: Pick<ResearchRun, 'name' | 'settings'>): RunSettings {
  const parsed = settingsSchema.safeParse(settings);
  if (!parsed.success) throw new R5Error(`The settings of the research run ${name} are not valid: ${describeProblem(parsed.error)}.`);
  return parsed.data;
}

/** The settings with those that come from this opening. */
export function openedSettings({ settings }: Pick<ResearchRun, 'settings'>, { sources, fallbacks, entailment }: Pick<RunSettings, 'sources' | 'fallbacks' | 'entailment'>): JsonObject {
  const { entailment: _, ...rest } = settings;
  return { ...rest, sources, fallbacks, ...(entailment === undefined ? {} : { entailment }) };
}
