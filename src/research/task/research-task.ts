/** Research as a task: the tools of the agent that `r5 research` runs, and a reward that is the check of its evidence. */
import { R5Error } from '../../error.ts';
import type { Task } from '../../task/task.ts';
import { AGENT_INSTRUCTIONS } from '../agent/agent-instructions.ts';
import { researchTools } from '../agent/research-tools.ts';
import type { SearchSource } from '../search-source.ts';
import { evidenceReward } from './evidence-reward.ts';
import type { ResearchRow } from './research-row.ts';
import { TrainingAccess } from './training-access.ts';

export interface ResearchTaskOptions<Row extends ResearchRow> {
  /** `research-` and something of your own: by it r5 knows a model that was trained for research. Default `research`. */
  name?: string;
  description?: string;
  /** Searched in training as they are in use. Those on this machine are quick and always say the same. */
  sources: readonly SearchSource[];
  train: Task<Row>['train'];
  test: Task<Row>['test'];
  /** Calls of the model. Default 6. */
  turns?: number;
  /** Most tokens that the model may write, all turns together. Default 512. */
  maxTokens?: number;
}

/** A task whose episodes are research runs. Add `solution` and `solutionCalls` for `r5 sft` and `r5 validate`. Throws R5Error without a source. */
export function researchTask<Row extends ResearchRow>(options: ResearchTaskOptions<Row>): Task<Row> {
  const { name = 'research', sources, train, test, turns = 6, maxTokens = 512 } = options;
  if (sources.length === 0) throw new R5Error('A research task needs a source to search.');
  if (!/^research(?:-|$)/.test(name)) throw new R5Error(`The research task is named "${name}"; the name must begin with research-, so that r5 knows a model that was trained on it.`);
  const access = new TrainingAccess(sources);
  const reads = sources.some(({ holdsTexts }) => holdsTexts !== true);
  return {
    name,
    description: options.description ?? 'Answer questions from sources, with citations that code verifies.',
    train,
    test,
    prompt: ({ question }) => question,
    system: AGENT_INSTRUCTIONS,
    tools: ({ question }) => researchTools(access.forEpisode(), { question, reads }),
    limits: { turns },
    maxTokens,
    score: evidenceReward(),
  };
}
