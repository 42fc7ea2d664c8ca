/** The task without words as episodes of two calls of the model, with the result of a tool between them. */
import { hashWords } from '../random.ts';
import { trainingSequences } from '../task/episode.ts';
import type { Engine } from '../engine/engine.ts';
import type { EpisodeSource, RolloutContext, RolloutOutcome } from './rollouts.ts';

/** What the tool says, whatever it is asked. */
export const TOOL_RESULT = [50, 51, 53];

export interface EvenEpisodes {
  /** Waited for between the two calls. */
  tool?: (row: number, context: RolloutContext) => Promise<void>;
}

/** The reward is the share of even tokens among those that the model wrote. */
export function evenEpisodes(engine: Engine, { tool }: EvenEpisodes = {}): EpisodeSource {
  return {
    rowCount: 16,
    rollout: async (row, context): Promise<RolloutOutcome> => {
      const { sampling, signal } = context;
      const call = (prompt: readonly number[], number: number) =>
        engine.generate({ prompt, params: { ...sampling, maxTokens: sampling.maxTokens / 2, seed: hashWords(sampling.seed, number) }, signal });
      const prompt = [3 + row, 40 + row];
      const first = await call(prompt, 0);
      await tool?.(row, context);
      const second = await call([...prompt, ...first.tokens, ...TOOL_RESULT], 1);
      const written = [...first.tokens, ...second.tokens];
      const reward = written.filter((token) => token % 2 === 0).length / written.length;
      return {
        reward,
        verdict: reward === 1 ? 'correct' : 'wrong',
        text: written.join(' '),
        stopReason: 'stop',
        sequences: trainingSequences({
          sequences: [{ segments: [{ source: 'prompt', tokens: prompt }, { source: 'model', ...first }, { source: 'tool', tokens: TOOL_RESULT }, { source: 'model', ...second }] }],
        }),
      };
    },
  };
}
