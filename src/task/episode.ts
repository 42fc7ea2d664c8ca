/**
 * What happened in one rollout, token by token. Sampled ids are kept and never tokenized again; the trainer reads only this, so whatever can
 * write an episode (a single answer, a tool loop, an agent of the AI SDK, an HTTP client) can be trained.
 */
import type { ChatMessage } from '../chat-message.ts';

/** A stretch of tokens that came from one place. */
export type EpisodeSegment =
  | { source: 'prompt' | 'tool'; tokens: readonly number[] }
  | {
      source: 'model';
      tokens: readonly number[];
      /** The sampler's, at the sampling temperature. */
      logprobs: readonly number[];
      /** Oldest weights that drew any of the tokens. */
      weightsVersion: number;
    };

/** Tokens that the model saw as one sequence: each turn goes on where the last one ended. */
export interface EpisodeSequence {
  segments: readonly EpisodeSegment[];
  /** Why a new sequence had to begin here, where it is not the first: the template or the agent rewrote earlier turns. */
  startedBecause?: string;
}

/** One call of the model. */
export interface EpisodeTurn {
  /** Which sequence and which segment of it the model's tokens are. */
  sequence: number;
  segment: number;
  message: ChatMessage;
  stopReason: 'stop' | 'length' | 'aborted';
  seconds: number;
}

export interface ToolResultRecord {
  name: string;
  arguments: unknown;
  result: string;
  /** Set when the tool threw, timed out, was not there, or its arguments did not fit. */
  error?: 'threw' | 'timeout' | 'unknown-tool' | 'bad-arguments';
  seconds: number;
}

/** Why an episode ended: the model answered without calling a tool, or a limit was reached. */
export type EpisodeEnd = 'answered' | 'max-turns' | 'max-tokens' | 'context-full' | 'timeout' | 'tool-errors' | 'aborted';

export interface Episode {
  sequences: readonly EpisodeSequence[];
  turns: readonly EpisodeTurn[];
  toolResults: readonly ToolResultRecord[];
  /** The conversation as the model's last call saw it, and what it answered. */
  messages: readonly ChatMessage[];
  end: EpisodeEnd;
  seconds: number;
}

/** One sequence flattened for training: arrays of the same length as `tokens`. */
export interface TrainingSequence {
  tokens: number[];
  /** 1 where the model wrote the token. */
  mask: Uint8Array;
  /** The sampler's log-probability where the model wrote the token, else 0. */
  logprobs: Float32Array;
  /** Oldest weights that drew any of its tokens. */
  weightsVersion: number;
}

/** The sequences of an episode as the trainer wants them; those in which the model wrote nothing are left out. */
export function trainingSequences({ sequences }: Pick<Episode, 'sequences'>): TrainingSequence[] {
  return sequences.flatMap(({ segments }) => {
    const written = segments.filter((segment) => segment.source === 'model');
    if (written.length === 0) return [];
    const length = segments.reduce((total, { tokens }) => total + tokens.length, 0);
    const sequence: TrainingSequence = {
      tokens: segments.flatMap(({ tokens }) => [...tokens]),
      mask: new Uint8Array(length),
      logprobs: new Float32Array(length),
      weightsVersion: Math.min(...written.map(({ weightsVersion }) => weightsVersion)),
    };
    let start = 0;
    for (const segment of segments) {
      const end = start + segment.tokens.length;
      if (segment.source === 'model') {
        sequence.mask.fill(1, start, end);
        sequence.logprobs.set(segment.logprobs, start);
      }
      start = end;
    }
    return [sequence];
  });
}
