/**
 * Rejection sampling: a model writes several answers to each prompt, and those that the grader takes become examples to fine-tune on (the
 * third stage of DeepSeek-R1; "rejection sampling fine-tuning", Yuan et al. 2023).
 */
import { hashWords } from '../random.ts';
import type { LostRecord } from './lost-rollouts.ts';
import { collectGroups, writtenTokens, type RolloutSource, type ScoredRollout } from './rollouts.ts';
import type { Engine, SamplingParams } from '../engine/engine.ts';
import type { TrainingSequence } from '../task/episode.ts';
import type { SftExample } from './sft.ts';

export interface RejectionOptions {
  /** Rows whose prompts are answered. */
  rows: readonly number[];
  /** Answers a prompt. */
  samples: number;
  sampling: SamplingParams;
  /** Most answers of a prompt that are kept, so that easy prompts do not crowd out hard ones. Default 1. */
  keep?: number;
  /** Smallest reward that is kept. Default 1. */
  threshold?: number;
}

export interface RejectionResult {
  examples: SftExample[];
  /** All answers, and those that were good enough before `keep` was applied. */
  sampled: number;
  accepted: number;
  /** Prompts with no answer good enough: what the model cannot do yet. */
  unsolved: number[];
  /** Answers that could not be finished or scored. */
  lost: LostRecord[];
}

/** Of the good answers of a prompt the shortest different ones are kept. Answers that hit the limit on tokens never are. */
export async function rejectionSample(engine: Engine, source: RolloutSource, options: RejectionOptions): Promise<RejectionResult> {
  const { rows, samples, sampling, keep = 1, threshold = 1 } = options;
  const named = { ...sampling, seed: hashWords(sampling.seed ?? 0, 1) };
  const { groups, lost } = await collectGroups(engine, source, rows, { groupSize: samples, sampling: named });
  const result: RejectionResult = { examples: [], sampled: rows.length * samples, accepted: 0, unsolved: [], lost };
  groups.forEach((group, i) => {
    const good = group.filter(({ reward, stopReason }) => reward >= threshold && stopReason === 'stop');
    result.accepted += good.length;
    if (good.length === 0) result.unsolved.push(rows[i] ?? i);
    for (const { sequences } of shortestDifferent(good, keep)) result.examples.push(...sequences.map(exampleOf));
  });
  return result;
}

function shortestDifferent(rollouts: readonly ScoredRollout[], count: number): ScoredRollout[] {
  const byText = new Map<string, ScoredRollout>();
  for (const rollout of rollouts) if (!byText.has(rollout.text)) byText.set(rollout.text, rollout);
  return [...byText.values()].toSorted((a, b) => writtenTokens(a) - writtenTokens(b)).slice(0, count);
}

/** What the model wrote is learned, from its first token on; what tools said in between is not. */
function exampleOf({ tokens, mask }: TrainingSequence): SftExample {
  const start = mask.indexOf(1);
  const example = { prompt: tokens.slice(0, start), completion: tokens.slice(start) };
  const learned = mask.subarray(start);
  return learned.includes(0) ? { ...example, mask: learned } : example;
}
