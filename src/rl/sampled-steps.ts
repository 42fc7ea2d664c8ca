/** Steps of single completions, none of them from older weights: the engine samples a whole step in one call. */
import { hashWords } from '../random.ts';
import { isFlat } from './advantages.ts';
import { pickRows } from './row-order.ts';
import { collectGroups, type CompletionSource, type Group } from './rollouts.ts';
import type { GrpoSettings } from './grpo-settings.ts';
import type { LostRecord } from './lost-rollouts.ts';
import type { StepBatch, StepRollouts } from './step-rollouts.ts';
import type { Engine } from '../engine/engine.ts';

/** With `resample`, flat groups of a step are replaced once by groups of further prompts that turn out not flat. */
export function sampledSteps(engine: Engine, source: CompletionSource, settings: GrpoSettings, firstStep: number): StepRollouts {
  let done = firstStep - 1;
  return {
    take: (step) => sampleStep(engine, source, settings, step),
    advance: () => void done++,
    get position() {
      return { next: done * settings.prompts, pending: [] };
    },
    stop: async () => ({ unused: [], lost: [] }),
  };
}

async function sampleStep(engine: Engine, source: CompletionSource, settings: GrpoSettings, step: number): Promise<StepBatch> {
  const { prompts, groupSize, sampling, seed, flatGroups, rolloutTimeoutMs: timeoutMs } = settings;
  const lost: LostRecord[] = [];
  const draw = async (attempt: number): Promise<Group[]> => {
    // Each step names its draws by (seed, step), so a resumed run repeats them exactly.
    const rows = pickRows(source.rowCount, prompts, seed, step + attempt * settings.schedule.totalSteps);
    const collected = await collectGroups(engine, source, rows, { groupSize, sampling: { ...sampling, seed: hashWords(seed, step, attempt) }, timeoutMs });
    lost.push(...collected.lost);
    return collected.groups.filter((group) => group.length > 0);
  };
  const first = await draw(0);
  if (flatGroups === 'drop' || !first.some(isFlatGroup)) return { groups: first, lost, unused: [], abandoned: 0 };
  const second = await draw(1);
  const spare = second.filter((group) => !isFlatGroup(group));
  const groups = first.map((group) => (isFlatGroup(group) ? (spare.pop() ?? group) : group));
  const left = [...first, ...second].filter((group) => !groups.includes(group));
  const unused = left.flatMap((group) => group.map((rollout) => ({ rollout, reason: isFlatGroup(group) ? 'flat-group' as const : 'surplus' as const })));
  return { groups, lost, unused, abandoned: 0 };
}

export const isFlatGroup = (group: Group): boolean => isFlat(group.map(({ reward }) => reward));
