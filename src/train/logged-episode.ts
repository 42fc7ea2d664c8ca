/** A rollout as the run's log shows it: what was said by whom, token by token where the model spoke. */
import { z } from 'zod';
import { TextStream } from '../model/text-stream.ts';
import type { Tokenizer } from '../model/tokenizer.ts';
import type { EpisodeEvent } from '../run/event.ts';
import type { Episode, EpisodeSegment, EpisodeSequence, ToolResultRecord, TrainingSequence } from '../task/episode.ts';

export type LoggedEpisode = Pick<EpisodeEvent, 'segments' | 'toolResults' | 'end' | 'turns'>;
type LoggedSegment = NonNullable<EpisodeEvent['segments']>[number];
type LoggedToolResult = NonNullable<EpisodeEvent['toolResults']>[number];

/** The rollout's tokens as segments, and the whole course of it where it had several turns. */
export function loggedEpisode({ sequences, episode }: { sequences: readonly TrainingSequence[]; episode?: Episode }, tokenizer: Tokenizer): LoggedEpisode {
  const segments = (episode?.sequences ?? sequences.map(asEpisodeSequence)).flatMap((sequence, index) =>
    sequence.segments.map((segment, i): LoggedSegment => ({
      ...loggedSegment(segment, tokenizer),
      ...(index === 0 ? {} : { sequence: index }),
      ...(i > 0 || sequence.startedBecause === undefined ? {} : { startedBecause: sequence.startedBecause }),
    })),
  );
  if (!episode) return { segments };
  return { segments, toolResults: episode.toolResults.map(loggedToolResult), end: episode.end, turns: episode.turns.length };
}

/** Of a single completion: the prompt, then what the model wrote. */
function asEpisodeSequence({ tokens, mask, logprobs, weightsVersion }: TrainingSequence): EpisodeSequence {
  const start = mask.indexOf(1);
  return {
    segments: [
      { source: 'prompt', tokens: tokens.slice(0, start) },
      { source: 'model', tokens: tokens.slice(start), logprobs: [...logprobs.subarray(start)], weightsVersion },
    ],
  };
}

function loggedSegment(segment: EpisodeSegment, tokenizer: Tokenizer): LoggedSegment {
  const stream = new TextStream(tokenizer, { continues: true, specialTokens: 'keep' });
  let text = '';
  const tokenEnds = segment.tokens.map((id) => (text += stream.push(id)).length);
  text += stream.finish();
  if (segment.source !== 'model') return { source: segment.source, text };
  return { source: 'model', text, tokenEnds, logprobs: segment.logprobs.map(rounded) };
}

function loggedToolResult({ arguments: given, ...rest }: ToolResultRecord): LoggedToolResult {
  const json = z.json().safeParse(given);
  return { ...rest, arguments: json.success ? json.data : String(given) };
}

/** Five digits are more than a colour shows, and half the length of the line. */
const rounded = (logprob: number): number => Number(logprob.toPrecision(5));
