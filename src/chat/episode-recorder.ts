/** Writes the calls of one episode down token by token. */
import type { Episode } from '../task/episode.ts';

export interface EpisodeRecorder {
  /** The episode so far. */
  readonly episode: Pick<Episode, 'sequences' | 'turns' | 'messages'>;
}
