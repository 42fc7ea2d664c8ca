/** The episodes of a step as they are logged: each with its text and its reward, as many as there is room for token by token. */
import { isFlat } from '../rl/advantages.ts';
import type { GrpoStep } from '../rl/grpo.ts';
import type { LostRecord } from '../rl/lost-rollouts.ts';
import { writtenTokens, type Group, type PlayedRollout, type ScoredRollout } from '../rl/rollouts.ts';
import type { Rest, Unused } from '../rl/step-rollouts.ts';
import type { DropReason, EpisodeEvent, NewEvent } from '../run/event.ts';
import type { Tokenizer } from '../model/tokenizer.ts';
import type { BoundTask } from './bind-task.ts';
import { loggedEpisode } from './logged-episode.ts';

export interface EpisodeLogging {
  task: Pick<BoundTask, 'promptText'>;
  /** Without it no episode is logged token by token. */
  tokenizer: Tokenizer | undefined;
  /** What happens to completions that hit the limit. */
  truncated: 'mask' | 'keep';
  /** Rollouts that are logged token by token whatever the limit, because a warning names them. */
  named?: readonly { row: number; rollout: number }[];
  /** Episodes of a step that are logged token by token. Default: those that together have 100,000 tokens. */
  whole?: number | undefined;
}

/** More than that, a step, and the log would grow larger than the checkpoints. */
const WHOLE_TOKENS = 100_000;

/** What is known of an episode, and what it would be logged from token by token. */
interface Entry {
  event: Omit<EpisodeEvent, 'time'>;
  played: PlayedRollout | undefined;
  /** Those with the smallest number are the first that are logged token by token. */
  rank: number;
}

/** All of a step's episodes: those that were trained on, those that were not, and those that were lost. */
export function episodeEvents(step: Pick<GrpoStep, 'step' | 'groups' | 'advantages' | 'unused' | 'lost'>, logging: EpisodeLogging): NewEvent[] {
  const { groups, advantages } = step;
  // Where the first group is lively, this is that one.
  const lively = groups.findIndex((group) => !isFlatGroup(group));
  const isNamed = ({ row, index }: ScoredRollout): boolean => (logging.named ?? []).some((name) => name.row === row && name.rollout === index);
  const trained = groups.flatMap((group, g) =>
    group.map((rollout, i): Entry => {
      const dropped = dropReasonOf(rollout, group, logging);
      const event = { ...scoredEvent(step.step, rollout, logging), advantage: advantages[g]?.[i] ?? 0, ...(dropped === undefined ? {} : { dropped }) };
      return { event, played: rollout, rank: isNamed(rollout) ? -1 : g === lively || g === 0 ? 0 : 1 };
    }),
  );
  return written([...trained, ...restEntries(step.step, step, logging)], logging);
}

/** What a loop had left when it ended in the middle of a step. */
export const restEvents = (step: number, rest: Rest, logging: EpisodeLogging): NewEvent[] => written(restEntries(step, rest, logging), logging);

function restEntries(step: number, { unused, lost }: Rest, logging: EpisodeLogging): Entry[] {
  return [
    ...unused.map(({ rollout, reason }): Entry => ({ event: { ...scoredEvent(step, rollout, logging), ...UNUSED[reason] }, played: rollout, rank: 2 })),
    ...lost.map((record): Entry => ({ event: lostEvent(step, record, logging), played: record.played, rank: 2 })),
  ];
}

const UNUSED: Readonly<Record<Unused, Pick<EpisodeEvent, 'dropped' | 'dropReason'>>> = {
  surplus: { dropped: 'surplus' },
  stale: { dropped: 'stale' },
  'flat-group': { dropped: 'flat-group' },
  unfinished: { dropped: 'surplus', dropReason: 'the run ended before a step had learned from it' },
};

function scoredEvent(step: number, rollout: ScoredRollout, { task }: EpisodeLogging): Entry['event'] {
  const { row, index, text, reward, parts, notes, audit, verdict, stopReason } = rollout;
  return {
    type: 'episode',
    step,
    row,
    rollout: index,
    prompt: task.promptText(row),
    completion: text,
    reward,
    ...(parts === undefined ? {} : { rewardParts: parts }),
    ...(notes === undefined ? {} : { rewardNotes: notes }),
    ...(audit === undefined ? {} : { audit }),
    verdict,
    tokens: writtenTokens(rollout),
    stopReason,
  };
}

function lostEvent(step: number, { row, index, reason, message, played }: LostRecord, { task }: EpisodeLogging): Entry['event'] {
  return {
    type: 'episode',
    step,
    row,
    rollout: index,
    prompt: task.promptText(row),
    completion: played?.text ?? '',
    reward: 0,
    verdict: 'unparsable',
    dropped: 'lost',
    dropReason: `${reason}: ${message}`,
    tokens: played ? writtenTokens(played) : 0,
    stopReason: played?.stopReason ?? 'length',
  };
}

/** The events, in their order; the first ones by rank token by token, as far as there is room. */
function written(entries: readonly Entry[], { tokenizer, whole = Infinity }: EpisodeLogging): NewEvent[] {
  const chosen = new Set<Entry>();
  let left = whole === Infinity ? WHOLE_TOKENS : Infinity;
  for (const entry of entries.toSorted((a, b) => a.rank - b.rank)) {
    left -= entry.played?.sequences.reduce((total, { tokens }) => total + tokens.length, 0) ?? 0;
    if (entry.rank < 0 || (left >= 0 && chosen.size < whole)) chosen.add(entry);
  }
  return entries.map((entry) => {
    const { event, played } = entry;
    return tokenizer && played && chosen.has(entry) ? { ...event, ...loggedEpisode(played, tokenizer) } : event;
  });
}

const isFlatGroup = (group: Group): boolean => isFlat(group.map(({ reward }) => reward));

function dropReasonOf({ stopReason }: ScoredRollout, group: Group, { truncated }: EpisodeLogging): DropReason | undefined {
  if (isFlatGroup(group)) return 'flat-group';
  return truncated === 'mask' && stopReason === 'length' ? 'truncated' : undefined;
}
