/** What has been recorded of an episode: it grows line by line, and is the same whether the lines are read back or have just been written. */
import type { ChatMessage } from '../../chat-message.ts';
import type { Episode, EpisodeSequence, EpisodeTurn, ToolResultRecord } from '../../task/episode.ts';
import type { CallLine } from './episode-line.ts';

export interface EpisodeData {
  sequences: EpisodeSequence[];
  turns: EpisodeTurn[];
  messages: ChatMessage[];
  toolResults: ToolResultRecord[];
}

export const noData = (): EpisodeData => ({ sequences: [], turns: [], messages: [], toolResults: [] });

/** Takes a line in. */
export function applyCall(data: EpisodeData, { added, turns, messages, toolResults }: CallLine): void {
  for (const { sequence, startedBecause, segments } of added) {
    const before = data.sequences[sequence];
    const reason = before ? before.startedBecause : startedBecause;
    data.sequences[sequence] = { segments: [...(before?.segments ?? []), ...segments], ...(reason === undefined ? {} : { startedBecause: reason }) };
  }
  data.turns.push(...turns);
  data.toolResults.push(...toolResults);
  data.messages = [...data.messages.slice(0, messages.keep), ...messages.add];
}

/** The whole of it, once it has ended. */
export function asEpisode(data: EpisodeData, seconds: number): Episode {
  const last = data.turns.at(-1)?.stopReason;
  return { ...data, end: last === 'length' ? 'max-tokens' : last === 'aborted' ? 'aborted' : 'answered', seconds };
}
