/** The parameters of /v1/responses: what an agent uses of the Responses API. */
import { z } from 'zod';
import type { ChatRequest, ResponseFormat } from '../../chat/chat-request.ts';
import type { ChatMessage } from '../../chat-message.ts';
import { effortVariables, type RequestLimits } from '../chat/request.ts';
import { asChatTool, functionFields, toolRequest, type ChosenTools } from '../chat/tools.ts';
import { parseParameters, type Refusal } from '../parameters.ts';
import { samplingFields, samplingOf, tokenLimit } from '../sampling-parameters.ts';
import { conversationOf, inputItemSchema } from './input-items.ts';
import type { StoredResponses } from './stored-responses.ts';

const namedFunction = z.object({ type: z.literal('function'), name: z.string() });
const toolChoice = z.union([
  z.enum(['auto', 'none', 'required']),
  namedFunction,
  z.object({ type: z.literal('allowed_tools'), mode: z.enum(['auto', 'required']), tools: z.array(namedFunction).min(1) }),
]);
const textFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({ type: z.literal('json_schema'), name: z.string().min(1), schema: z.record(z.string(), z.unknown()), description: z.string().nullish(), strict: z.boolean().nullish() }),
]);

const schema = z.strictObject({
  model: z.string().optional(),
  input: z.union([z.string(), z.array(inputItemSchema)]).default([]),
  instructions: z.string().optional(),
  previous_response_id: z.string().optional(),
  stream: z.boolean().default(false),
  max_output_tokens: z.number().int().positive().optional(),
  tools: z.array(z.object({ type: z.literal('function', "only tools of the type 'function' can be called"), ...functionFields })).default([]),
  tool_choice: toolChoice.optional(),
  parallel_tool_calls: z.boolean().optional(),
  text: z.strictObject({ format: textFormat.default({ type: 'text' }), verbosity: z.literal('medium', 'say in the input how long the answer should be').nullish() }).default({ format: { type: 'text' } }),
  reasoning: z.object({ effort: z.string().nullish() }).optional(),
  include: z.array(z.string()).default([]),
  top_logprobs: z.number().int().min(0).max(20).default(0),
  chat_template_kwargs: z.record(z.string(), z.unknown()).optional(),
  temperature: samplingFields.temperature,
  top_p: samplingFields.top_p,
  top_k: samplingFields.top_k,
  min_p: samplingFields.min_p,
  seed: samplingFields.seed,
});
type Fields = z.output<typeof schema>;

const never = (): boolean => false;
const isFalse = (value: unknown): boolean => value === false;
const refused: Readonly<Record<string, Refusal>> = {
  background: { unless: isFalse, instead: 'Wait for the answer, or stream it.' },
  conversation: { unless: never, instead: 'Use previous_response_id, or send the whole conversation as input.' },
  prompt: { unless: never, instead: 'Send the text of the prompt as input.' },
  truncation: { unless: (value) => value === 'disabled', instead: 'Leave out of the input what the model need not see.' },
  context_management: { unless: never, instead: 'Leave out of the input what the model need not see.' },
  moderation: { unless: never, instead: 'Check the answer yourself.' },
};
/** `max_tool_calls` limits tools that OpenAI runs; there are none here. */
const harmless = ['max_tool_calls', 'stream_options'];

export interface ResponsesRequest {
  model: string | undefined;
  stream: boolean;
  logprobs: boolean;
  store: boolean;
  /** The conversation without instructions. */
  messages: readonly ChatMessage[];
  chat: ChatRequest;
  /** What the response repeats of the request. */
  repeated: Record<string, unknown>;
}

/** Throws ApiError that names the parameter. */
export function parseResponsesRequest(body: Readonly<Record<string, unknown>>, limits: Pick<RequestLimits, 'maxTokens'>, stored: StoredResponses): ResponsesRequest {
  const fields = parseParameters(body, { schema, refused, harmless });
  const { previous_response_id: previous, instructions, input } = fields;
  const earlier = previous === undefined ? [] : stored.get(previous, 'previous_response_id').messages;
  const given: ChatMessage[] = typeof input === 'string' ? [{ role: 'user', content: input }] : conversationOf(stored.resolve(input));
  const messages = [...earlier, ...given];
  const logprobs = fields.include.includes('message.output_text.logprobs') || fields.top_logprobs > 0;
  const limit = tokenLimit(fields.max_output_tokens, 'max_output_tokens', limits.maxTokens);
  const effort = fields.reasoning?.effort;
  const variables = { ...(effort == null ? {} : effortVariables(effort)), ...fields.chat_template_kwargs };
  return {
    model: fields.model,
    stream: fields.stream,
    logprobs,
    store: body.store !== false,
    messages,
    chat: {
      messages: instructions === undefined ? messages : [{ role: 'system', content: instructions }, ...messages],
      ...toolRequest({ tools: fields.tools.map(asChatTool), choice: fields.tool_choice && chosen(fields.tool_choice), parallel: fields.parallel_tool_calls }),
      responseFormat: formatOf(fields.text.format),
      ...(logprobs ? { topLogprobs: fields.top_logprobs } : {}),
      ...(Object.keys(variables).length > 0 ? { templateVariables: variables } : {}),
      sampling: { ...samplingOf(fields)(0), ...(limit === undefined ? {} : { maxTokens: limit }) },
    },
    repeated: repeatedFields(body, fields),
  };
}

function chosen(choice: NonNullable<Fields['tool_choice']>): ChosenTools {
  if (typeof choice === 'string') return choice;
  return choice.type === 'function' ? { name: choice.name } : { mode: choice.mode, names: choice.tools.map(({ name }) => name) };
}

function formatOf(format: z.output<typeof textFormat>): ResponseFormat {
  if (format.type === 'json_schema') return { type: 'json-schema', schema: format.schema };
  return { type: format.type === 'json_object' ? 'json' : 'text' };
}

function repeatedFields(body: Readonly<Record<string, unknown>>, fields: Fields): Record<string, unknown> {
  return {
    instructions: fields.instructions ?? null,
    max_output_tokens: fields.max_output_tokens ?? null,
    metadata: body.metadata ?? {},
    parallel_tool_calls: fields.parallel_tool_calls ?? true,
    previous_response_id: fields.previous_response_id ?? null,
    reasoning: { effort: fields.reasoning?.effort ?? null, summary: null },
    store: body.store !== false,
    temperature: fields.temperature,
    text: { format: fields.text.format },
    tool_choice: fields.tool_choice ?? 'auto',
    tools: fields.tools,
    top_logprobs: fields.top_logprobs,
    top_p: fields.top_p,
    truncation: 'disabled',
    user: body.user ?? null,
  };
}
