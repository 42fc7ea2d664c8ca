/** The episodes of a step as they are logged. */
import { isFlat } from '../rl/advantages.ts';
import type { GrpoStep } from '../rl/grpo.ts';
import { writtenTokens, type Group, type ScoredRollout } from '../rl/rollouts.ts';
import type { DropReason, NewEvent } from '../run/event.ts';
import type { Tokenizer } from '../model/tokenizer.ts';
import type { BoundTask } from './bind-task.ts';
import { loggedEpisode } from './logged-episode.ts';

export interface EpisodeLogging {
  task: Pick<BoundTask, 'promptText'>;
  tokenizer: Tokenizer;
  /** What happens to completions that hit the limit. */
  truncated: 'mask' | 'keep';
  /** Rollouts that are logged besides, because a warning names them. */
  named?: readonly { row: number; rollout: number }[];
}

/**
 * The episodes of the first group and, where that teaches nothing, of the first one that does; all of them would make the log larger than the
 * checkpoints. And those that are named.
 */
export function episodeEvents({ step, groups, advantages }: Pick<GrpoStep, 'step' | 'groups' | 'advantages'>, logging: EpisodeLogging): NewEvent[] {
  const isNamed = ({ row, index }: ScoredRollout): boolean => (logging.named ?? []).some((name) => name.row === row && name.rollout === index);
  // Where the first group is lively, this is that one.
  const lively = groups.findIndex((group) => !isFlatGroup(group));
  return groups.flatMap((group, g) =>
    group.flatMap((rollout, i): NewEvent[] => {
      if (g !== 0 && g !== lively && !isNamed(rollout)) return [];
      const { row, index, text, reward, parts, notes, audit, verdict, stopReason } = rollout;
      const dropped = dropReasonOf(rollout, group, logging);
      return [{
        type: 'episode',
        step,
        row,
        rollout: index,
        prompt: logging.task.promptText(row),
        completion: text,
        reward,
        ...(parts === undefined ? {} : { rewardParts: parts }),
        ...(notes === undefined ? {} : { rewardNotes: notes }),
        ...(audit === undefined ? {} : { audit }),
        verdict,
        advantage: advantages[g]?.[i] ?? 0,
        ...(dropped === undefined ? {} : { dropped }),
        tokens: writtenTokens(rollout),
        stopReason,
        ...loggedEpisode(rollout, logging.tokenizer),
      }];
    }),
  );
}

const isFlatGroup = (group: Group): boolean => isFlat(group.map(({ reward }) => reward));

function dropReasonOf({ stopReason }: ScoredRollout, group: Group, { truncated }: EpisodeLogging): DropReason | undefined {
  if (isFlatGroup(group)) return 'flat-group';
  return truncated === 'mask' && stopReason === 'length' ? 'truncated' : undefined;
}
