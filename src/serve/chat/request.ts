/** The parameters of /v1/chat/completions, and what they ask of a chat model. */
import { z } from 'zod';
import type { ChatRequest, ResponseFormat } from '../../chat/chat-request.ts';
import { ApiError } from '../api-error.ts';
import { parseParameters, refusedSampling, type Refusal } from '../parameters.ts';
import { checkChoices, samplingFields, samplingOf, tokenLimit } from '../sampling-parameters.ts';
import { asChatMessage, messageSchema } from './messages.ts';
import { asChatTool, chosenTools, toolChoiceSchema, toolRequest, toolSchema } from './tools.ts';

const count = z.number().int().positive();

const responseFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    json_schema: z.object({ name: z.string().min(1), description: z.string().nullish(), schema: z.record(z.string(), z.unknown()), strict: z.boolean().nullish() }),
  }),
]);

const schema = z.strictObject({
  model: z.string().optional(),
  messages: z.array(messageSchema).min(1, 'there must be at least one message'),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).optional(),
  max_tokens: count.optional(),
  max_completion_tokens: count.optional(),
  n: count.default(1),
  logprobs: z.boolean().default(false),
  top_logprobs: z.number().int().min(0).max(20).default(0),
  tools: z.array(toolSchema).default([]),
  tool_choice: toolChoiceSchema.optional(),
  parallel_tool_calls: z.boolean().optional(),
  response_format: responseFormat.default({ type: 'text' }),
  reasoning_effort: z.string().optional(),
  chat_template_kwargs: z.record(z.string(), z.unknown()).optional(),
  ...samplingFields,
});
type Fields = z.output<typeof schema>;

const isText = (value: unknown): boolean => Array.isArray(value) && value.every((one) => one === 'text');
const never = (): boolean => false;
const refused: Readonly<Record<string, Refusal>> = {
  ...refusedSampling,
  functions: { unless: never, instead: "Use 'tools'." },
  function_call: { unless: never, instead: "Use 'tool_choice'." },
  audio: { unless: never, instead: 'The model writes text.' },
  modalities: { unless: isText, instead: 'The model writes text.' },
  web_search_options: { unless: never, instead: 'Give the model a tool of your own that searches.' },
  verbosity: { unless: (value) => value === 'medium', instead: 'Say in the messages how long the answer should be.' },
  moderation: { unless: never, instead: 'Check the answer yourself.' },
};

export interface ChatCompletionsRequest {
  model: string | undefined;
  choices: number;
  stream: boolean;
  includeUsage: boolean;
  logprobs: boolean;
  /** The request of one choice; they differ in how they draw. */
  chat: (choice: number) => ChatRequest;
}

export interface RequestLimits {
  choices: number;
  maxTokens: number | undefined;
}

/** Throws ApiError that names the parameter. */
export function parseChatRequest(body: Readonly<Record<string, unknown>>, limits: RequestLimits): ChatCompletionsRequest {
  const fields = parseParameters(body, { schema, refused });
  checkChoices(fields.n, limits.choices);
  if (fields.top_logprobs > 0 && !fields.logprobs) throw new ApiError(400, "'top_logprobs' needs 'logprobs': true.", { param: 'top_logprobs', code: 'invalid_value' });
  const sampling = samplingOf(fields);
  const limit = maxTokensOf(fields, limits.maxTokens);
  const variables = templateVariables(fields);
  const shared: Omit<ChatRequest, 'sampling'> = {
    messages: fields.messages.map(asChatMessage),
    ...toolRequest({ tools: fields.tools.map((tool) => asChatTool(tool.function)), choice: fields.tool_choice && chosenTools(fields.tool_choice), parallel: fields.parallel_tool_calls }),
    responseFormat: formatOf(fields.response_format),
    ...(fields.logprobs ? { topLogprobs: fields.top_logprobs } : {}),
    ...(variables ? { templateVariables: variables } : {}),
  };
  return {
    model: fields.model,
    choices: fields.n,
    stream: fields.stream,
    includeUsage: fields.stream_options?.include_usage ?? false,
    logprobs: fields.logprobs,
    chat: (choice) => ({ ...shared, sampling: { ...sampling(choice), ...(limit === undefined ? {} : { maxTokens: limit }) } }),
  };
}

function maxTokensOf({ max_tokens: old, max_completion_tokens: current }: Fields, limit: number | undefined): number | undefined {
  return current === undefined ? tokenLimit(old, 'max_tokens', limit) : tokenLimit(current, 'max_completion_tokens', limit);
}

function formatOf(format: Fields['response_format']): ResponseFormat {
  if (format.type === 'json_schema') return { type: 'json-schema', schema: format.json_schema.schema };
  return { type: format.type === 'json_object' ? 'json' : 'text' };
}

function templateVariables({ reasoning_effort: effort, chat_template_kwargs: given }: Pick<Fields, 'reasoning_effort' | 'chat_template_kwargs'>): Record<string, unknown> | undefined {
  const variables = { ...(effort === undefined ? {} : effortVariables(effort)), ...given };
  return Object.keys(variables).length === 0 ? undefined : variables;
}

/** The names that templates have for how long to think, and for not to think at all. */
export const effortVariables = (effort: string): Record<string, unknown> => ({ reasoning_effort: effort, enable_thinking: effort !== 'none' });
