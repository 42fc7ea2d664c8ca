import { completionAsPlayed, type CompletionSource, type EpisodeSource } from './rollouts.ts';
import type { Engine } from '../engine/engine.ts';

/** Single completions as rollouts of their own, each of which begins and ends when it does: for steps that do not wait for the slowest. */
export function completionEpisodes(engine: Engine, source: CompletionSource): EpisodeSource {
  return {
    rowCount: source.rowCount,
    rollout: async (row, { sampling, signal, onPlayed }) => {
      const prompt = source.prompt(row);
      const { stopReason, ...generation } = await engine.generate({ prompt, params: sampling, signal });
      // Nobody waits for what was ended from outside.
      if (stopReason === 'aborted') throw signal.reason;
      const completion = { ...generation, stopReason };
      const played = completionAsPlayed(prompt, completion);
      onPlayed?.(played);
      return { ...played, ...(await source.score(row, completion)) };
    },
    ...(source.scoreGroup ? { scoreGroup: source.scoreGroup } : {}),
  };
}
