/** What a run may cost, before it begins: the calls that its depth allows, with the sizes that they have on average. */
import type { Depth } from './depth.ts';
import { costOf, priceOf, type Prices } from './prices.ts';
import type { CalledRole, RoleModels } from './research-model.ts';
import type { LoopName } from './run-settings.ts';

export interface CostEstimate {
  calls: number;
  tokens: number;
  /** US dollars; absent where a price is not known. */
  money?: number;
}

interface EstimatedRun {
  models: RoleModels;
  prices: Prices;
  pageCharacters: number;
  loop: LoopName;
}

interface Work {
  role: CalledRole;
  calls: number;
  input: number;
  output: number;
}

/** An upper end: most runs cover their questions before the last round. */
export function estimateCost(depth: Depth, { models, prices, pageCharacters, loop }: EstimatedRun): CostEstimate {
  const judged = models.judge === undefined ? 0 : (loop === 'agent' ? 8 : depth.questions * 5 + 5);
  const work: Work[] = loop === 'agent' ? agentWork(depth) : planWork(depth, pageCharacters);
  if (judged > 0) work.push({ role: 'judge', calls: judged, input: 400, output: 30 });
  let money: number | undefined = 0;
  for (const { role, calls, input, output } of work) {
    const model = models[role];
    const price = model && priceOf(model, prices);
    money = price === undefined || money === undefined ? undefined : money + costOf(price, { input: input * calls, output: output * calls });
  }
  const tokens = work.reduce((sum, { calls, input, output }) => sum + calls * (input + output), 0);
  const calls = work.reduce((sum, one) => sum + one.calls, 0);
  return { calls, tokens: Math.round(tokens), ...(money === undefined ? {} : { money }) };
}

function planWork({ rounds, questions, pages }: Depth, pageCharacters: number): Work[] {
  return [
    { role: 'planner', calls: 1, input: 500, output: 400 },
    { role: 'planner', calls: rounds * questions * 2, input: 1800, output: 150 },
    { role: 'reader', calls: rounds * questions * pages, input: pageCharacters / 4 + 600, output: 400 },
    { role: 'writer', calls: questions + 1, input: 3000, output: 600 },
  ];
}

/** Each turn reads all that was found before it. */
const agentWork = ({ turns }: Depth): Work[] => [{ role: 'writer', calls: turns, input: 4000, output: 150 }, { role: 'writer', calls: 1, input: 8000, output: 600 }];
