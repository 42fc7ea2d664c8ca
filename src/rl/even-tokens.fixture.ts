/** A task without words, for tests of the loops: the reward is the share of even tokens among those drawn. */
import type { GrpoSettings } from './grpo.ts';
import { grpoDefaults } from './grpo.ts';
import type { CompletionSource } from './rollouts.ts';

export const evenTokens: CompletionSource = {
  rowCount: 16,
  prompt: (row) => [3 + row, 40 + row],
  score: async (_row, { tokens }) => {
    const reward = tokens.filter((token) => token % 2 === 0).length / tokens.length;
    return { reward, verdict: reward === 1 ? 'correct' : 'wrong', text: tokens.join(' ') };
  },
};

/** Completions of six tokens that no end token cuts short, so none is truncated in the sense of a mistake. */
export function evenSettings(change: Partial<GrpoSettings> = {}, steps = 18): GrpoSettings {
  return {
    ...grpoDefaults,
    prompts: 8,
    groupSize: 8,
    sampling: { maxTokens: 6, stopTokens: [] },
    truncated: 'keep',
    schedule: { learningRate: 1e-2, kind: 'constant', warmupSteps: 0, totalSteps: steps, finalShare: 0 },
    ...change,
  };
}
