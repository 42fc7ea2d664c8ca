/** The options of a call of the AI SDK as a chat request, with a warning for each that has no meaning here. */
import { randomInt } from 'node:crypto';
import { InvalidArgumentError } from '@ai-sdk/provider';
import type { LanguageModelV4CallOptions, LanguageModelV4ToolChoice, SharedV4Warning } from '@ai-sdk/provider';
import { z } from 'zod';
import type { ChatTool } from '../../chat-message.ts';
import type { ChatRequest, ResponseFormat, ToolChoice } from '../../chat/chat-request.ts';
import { promptMessages } from './prompt-messages.ts';

const count = z.int().nonnegative();

/** `providerOptions.r5` of a call. */
export const r5OptionsSchema = z.strictObject({
  /** Drop tokens less likely than minP times the likeliest. */
  minP: z.number().min(0).max(1).optional(),
  /** Whether an answer may call several tools. Default true. */
  parallelToolCalls: z.boolean().optional(),
  /** Further variables of the model's chat template, such as `enable_thinking`. */
  templateVariables: z.record(z.string(), z.unknown()).optional(),
  /** Log-probabilities of the answer's tokens in the result's provider metadata, with that many of the likeliest at each position. */
  topLogprobs: count.max(20).optional(),
});

export type R5Options = z.output<typeof r5OptionsSchema>;

export interface PreparedCall {
  request: ChatRequest;
  warnings: SharedV4Warning[];
}

/** Throws InvalidArgumentError for provider options that do not fit, UnsupportedFunctionalityError for a prompt that is no text. */
export function chatRequest(options: LanguageModelV4CallOptions): PreparedCall {
  const warnings: SharedV4Warning[] = [];
  const own = ownOptions(options);
  const tools = functionTools(options, warnings);
  for (const feature of ['presencePenalty', 'frequencyPenalty'] as const) {
    if (options[feature]) warnings.push({ type: 'unsupported', feature });
  }
  const variables = { ...thinking(options, warnings), ...own.templateVariables };
  const request: ChatRequest = {
    messages: promptMessages(options.prompt),
    sampling: {
      // Without a seed each call is to be another draw.
      seed: options.seed ?? randomInt(2 ** 31),
      ...(options.maxOutputTokens === undefined ? {} : { maxTokens: options.maxOutputTokens }),
      ...(options.temperature === undefined ? {} : { temperature: options.temperature }),
      ...(options.topP === undefined ? {} : { topP: options.topP }),
      ...(options.topK === undefined ? {} : { topK: options.topK }),
      ...(own.minP === undefined ? {} : { minP: own.minP }),
      ...(options.stopSequences === undefined ? {} : { stop: options.stopSequences }),
    },
    ...(tools.length === 0 ? {} : { tools, toolChoice: toolChoice(options.toolChoice) }),
    ...(own.parallelToolCalls === undefined ? {} : { parallelToolCalls: own.parallelToolCalls }),
    ...(options.responseFormat === undefined ? {} : { responseFormat: responseFormat(options.responseFormat) }),
    ...(own.topLogprobs === undefined ? {} : { topLogprobs: own.topLogprobs }),
    ...(Object.keys(variables).length === 0 ? {} : { templateVariables: variables }),
    ...(options.abortSignal === undefined ? {} : { signal: options.abortSignal }),
  };
  return { request, warnings };
}

function ownOptions({ providerOptions }: LanguageModelV4CallOptions): R5Options {
  const parsed = r5OptionsSchema.safeParse(providerOptions?.r5 ?? {});
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError({ argument: 'providerOptions.r5', message: z.prettifyError(parsed.error), cause: parsed.error });
}

function functionTools({ tools = [] }: LanguageModelV4CallOptions, warnings: SharedV4Warning[]): ChatTool[] {
  return tools.flatMap((tool): ChatTool[] => {
    if (tool.type === 'provider') {
      warnings.push({ type: 'unsupported', feature: `provider-defined tool ${tool.id}` });
      return [];
    }
    const { $schema: _, ...parameters } = z.record(z.string(), z.unknown()).parse(tool.inputSchema);
    return [{ type: 'function', function: { name: tool.name, ...(tool.description === undefined ? {} : { description: tool.description }), parameters } }];
  });
}

function toolChoice(choice: LanguageModelV4ToolChoice = { type: 'auto' }): ToolChoice {
  return choice.type === 'tool' ? { name: choice.toolName } : choice.type;
}

function responseFormat(format: NonNullable<LanguageModelV4CallOptions['responseFormat']>): ResponseFormat {
  if (format.type === 'text' || format.schema === undefined) return { type: format.type };
  return { type: 'json-schema', schema: z.union([z.record(z.string(), z.unknown()), z.boolean()]).parse(format.schema) };
}

/** Templates know thinking as on or off at most. */
function thinking({ reasoning = 'provider-default' }: LanguageModelV4CallOptions, warnings: SharedV4Warning[]): Record<string, unknown> {
  if (reasoning === 'provider-default') return {};
  if (reasoning !== 'none') {
    warnings.push({ type: 'compatibility', feature: 'reasoning', details: 'chat templates can switch thinking on and off; the level makes no difference' });
  }
  return { enable_thinking: reasoning !== 'none' };
}
