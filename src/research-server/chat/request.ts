/** The parameters of /v1/chat/completions, and the question that they ask. */
import { z } from 'zod';
import { depthNames, type DepthName } from '../../research/loop/depth.ts';
import { ApiError } from '../../serve/api-error.ts';
import { asChatMessage, messageSchema } from '../../serve/chat/messages.ts';
import { parseParameters, type Refusal } from '../../serve/parameters.ts';

const schema = z.strictObject({
  model: z.string().optional(),
  messages: z.array(messageSchema).min(1, 'there must be at least one message'),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).optional(),
  reasoning_effort: z.string().optional(),
  /** Not OpenAI's. */
  r5: z.strictObject({ depth: z.enum(depthNames).optional(), budget: z.number().positive().optional(), run: z.string().min(1).optional() }).default({}),
});

/** How the models within are sampled is the run's own affair, and so is the length of its report; chat programs send these unasked. */
const harmless = [
  'temperature', 'top_p', 'top_k', 'min_p', 'seed', 'frequency_penalty', 'presence_penalty', 'logit_bias', 'max_tokens', 'max_completion_tokens', 'verbosity',
  'parallel_tool_calls', 'top_logprobs',
];

const never = (): boolean => false;
const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
const isText = (value: unknown): boolean => typeof value === 'object' && value !== null && 'type' in value && value.type === 'text';
const refused: Readonly<Record<string, Refusal>> = {
  n: { unless: (value) => value === 1, instead: 'Each request is one run.' },
  tools: { unless: isEmptyList, instead: 'The answer is a report; sources are chosen where the server is started.' },
  tool_choice: { unless: (value) => value === 'none' || value === 'auto', instead: 'The answer is a report.' },
  functions: { unless: never, instead: 'The answer is a report.' },
  function_call: { unless: never, instead: 'The answer is a report.' },
  response_format: { unless: isText, instead: 'The answer is a report in Markdown; what is known of it as data is in the field r5.' },
  stop: { unless: isEmptyList, instead: 'The answer is a whole report.' },
  logprobs: { unless: (value) => value === false, instead: 'Several models take part in an answer.' },
  audio: { unless: never, instead: 'The answer is text.' },
  modalities: { unless: (value) => Array.isArray(value) && value.every((one) => one === 'text'), instead: 'The answer is text.' },
  web_search_options: { unless: never, instead: 'Sources are chosen where the server is started.' },
};

/** A longer question is a document. */
const MOST_QUESTION = 20_000;
/** Earlier turns stand in each prompt of the run; the latest ones that fit are taken. */
const MOST_EARLIER = 8000;

export interface ResearchChatRequest {
  model: string | undefined;
  question: string;
  /** What the user and whoever wrote the instructions had said before, oldest first. What was answered is not among it: that came from outside. */
  earlier: string[];
  stream: boolean;
  includeUsage: boolean;
  depth: DepthName | undefined;
  money: number | undefined;
  run: string | undefined;
}

/** Throws ApiError that names the parameter. */
export function parseResearchRequest(body: Readonly<Record<string, unknown>>): ResearchChatRequest {
  const { model, messages, stream, stream_options: streaming, reasoning_effort: effort, r5 } = parseParameters(body, { schema, refused, harmless });
  const said = messages.map(asChatMessage);
  const last = said.findLastIndex(({ role }) => role === 'user');
  const question = said[last]?.content?.trim() ?? '';
  if (question === '') throw new ApiError(400, 'There is no question: the last message of the user must hold one.', { param: 'messages', code: 'invalid_value' });
  if (question.length > MOST_QUESTION) throw new ApiError(400, `The question has ${question.length} characters; at most ${MOST_QUESTION} are read as one. Put documents into a source.`, { param: 'messages', code: 'context_length_exceeded' });
  const earlier = said.slice(0, last).flatMap(({ role, content }) => ((role === 'user' || role === 'system') && content?.trim() ? [content.trim()] : []));
  return { model, question, earlier: latest(earlier), stream, includeUsage: streaming?.include_usage ?? false, depth: r5.depth ?? depthOf(effort), money: r5.budget, run: r5.run };
}

/** The last ones, as many as fit. */
function latest(texts: readonly string[]): string[] {
  let room = MOST_EARLIER;
  const kept = texts.toReversed().filter((text) => (room -= text.length) >= 0);
  return kept.toReversed();
}

function depthOf(effort: string | undefined): DepthName | undefined {
  if (effort === undefined) return undefined;
  if (['none', 'minimal', 'low'].includes(effort)) return 'quick';
  if (effort === 'medium') return 'normal';
  if (['high', 'xhigh', 'max'].includes(effort)) return 'deep';
  throw new ApiError(400, `reasoning_effort is '${effort.slice(0, 40)}'; it may be low (quick), medium (normal) or high (deep).`, { param: 'reasoning_effort', code: 'invalid_value' });
}
