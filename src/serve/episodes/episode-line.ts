/** The lines of `episodes.jsonl`: an episode begins, a call adds to it, it ends. */
import { z } from 'zod';
import type { ChatMessage } from '../../chat-message.ts';

const id = z.string();
const time = z.iso.datetime();
const tokens = z.array(z.number().int());

const segment = z.discriminatedUnion('source', [
  z.object({ source: z.enum(['prompt', 'tool']), tokens }),
  z.object({ source: z.literal('model'), tokens, logprobs: z.array(z.number()), weightsVersion: z.number().int() }),
]);

const toolCall = z.object({
  id: z.string().optional(),
  type: z.literal('function').optional(),
  function: z.object({ name: z.string(), arguments: z.union([z.string(), z.record(z.string(), z.unknown())]) }),
});
const message: z.ZodType<ChatMessage> = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.string().nullable(),
  reasoning_content: z.string().exactOptional(),
  tool_calls: z.array(toolCall.transform(({ id: callId, type, function: called }) => ({ ...(callId === undefined ? {} : { id: callId }), ...(type === undefined ? {} : { type }), function: called }))).exactOptional(),
  tool_call_id: z.string().exactOptional(),
  name: z.string().exactOptional(),
});

const turn = z.object({
  sequence: z.number().int(),
  segment: z.number().int(),
  message,
  stopReason: z.enum(['stop', 'length', 'aborted']),
  seconds: z.number(),
});

const toolResult = z.object({
  name: z.string(),
  arguments: z.json(),
  result: z.string(),
  error: z.enum(['threw', 'timeout', 'unknown-tool', 'bad-arguments']).exactOptional(),
  seconds: z.number(),
});

const begin = z.object({ type: z.literal('begin'), time, episode: id, row: z.number().int().exactOptional() });

/** What one call added, or several that ended at the same moment. */
const call = z.object({
  type: z.literal('call'),
  time,
  episode: id,
  /** Segments that were added to a sequence, or made a new one. */
  added: z.array(z.object({ sequence: z.number().int(), startedBecause: z.string().exactOptional(), segments: z.array(segment) })),
  turns: z.array(turn),
  /** Sampling temperature, at which the log-probabilities are. */
  temperature: z.number(),
  toolResults: z.array(toolResult),
  /** The conversation: as much of the one before as stays, then these. */
  messages: z.object({ keep: z.number().int(), add: z.array(message) }),
});

const reward = z.object({ type: z.literal('reward'), time, episode: id, reward: z.number(), parts: z.record(z.string(), z.number()).exactOptional(), verdict: z.enum(['correct', 'wrong', 'unparsable']).exactOptional() });
const lost = z.object({ type: z.literal('lost'), time, episode: id, reason: z.string() });

export const episodeLineSchema = z.discriminatedUnion('type', [begin, call, reward, lost]);
export type EpisodeLine = z.output<typeof episodeLineSchema>;
export type CallLine = z.output<typeof call>;
