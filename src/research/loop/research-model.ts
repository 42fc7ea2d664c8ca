/** Models as the loop sees them: which one plays which role, and how long one may take. */
import type { LanguageModel } from 'ai';

/** `planner` finds questions, queries and gaps and chooses what to read; `reader` takes notes; `writer` writes. */
export const modelRoles = ['planner', 'reader', 'writer'] as const;
export type ModelRole = (typeof modelRoles)[number];

/** Who may be called: the roles of the work, and the one that gives a second opinion on it. */
export type CalledRole = ModelRole | 'judge';

/** Any model object of the AI SDK. A bare name would mean a service that was not asked for. */
export type LanguageModelObject = Exclude<LanguageModel, string>;

export interface ResearchModel {
  /** As typed, or `<provider>:<id>`; what costs are listed by. */
  name: string;
  model: LanguageModelObject;
  /** Runs on this machine or one nearby: costs nothing and may be slow. */
  local: boolean;
  /** Was trained for the agent of `r5 research`, on bare results. */
  isAgent?: boolean;
}

/** The model of each role, and those to turn to when it gives nothing that can be used. */
export interface RoleModels {
  planner: ResearchModel;
  reader: ResearchModel;
  writer: ResearchModel;
  /** Gives a second opinion on the report's sentences; absent where none was asked for. Nobody stands in for it. */
  judge?: ResearchModel;
  fallbacks: readonly ResearchModel[];
}

/** A model object with the name that its provider gave it. */
export function researchModel(model: LanguageModelObject, options: { name?: string; local?: boolean; isAgent?: boolean } = {}): ResearchModel {
  return { name: options.name ?? `${model.provider}:${model.modelId}`, model, local: options.local ?? model.provider === 'r5', ...(options.isAgent === true ? { isAgent: true } : {}) };
}
