/** Tools and the choice among them. */
import { z } from 'zod';
import type { ChatRequest, ToolChoice } from '../../chat/chat-request.ts';
import type { ChatTool } from '../../chat-message.ts';
import { ApiError } from '../api-error.ts';

const toolName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'a tool\'s name has 1 to 64 letters, digits, "_" and "-"');

/** A function, as both APIs describe it. */
export const functionFields = {
  name: toolName,
  description: z.string().optional(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
};
const functionSchema = z.object(functionFields);
export type FunctionFields = z.output<typeof functionSchema>;

export const toolSchema = z.object({ type: z.literal('function', "only tools of the type 'function' can be called"), function: functionSchema });

const namedFunction = z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) });
export const toolChoiceSchema = z.union([
  z.enum(['auto', 'none', 'required']),
  namedFunction,
  z.object({ type: z.literal('allowed_tools'), allowed_tools: z.object({ mode: z.enum(['auto', 'required']), tools: z.array(namedFunction).min(1) }) }),
]);

/** The choice in the form that both APIs share. */
export type ChosenTools = 'auto' | 'none' | 'required' | { name: string } | { mode: 'auto' | 'required'; names: readonly string[] };

export function chosenTools(choice: z.output<typeof toolChoiceSchema>): ChosenTools {
  if (typeof choice === 'string') return choice;
  if (choice.type === 'function') return { name: choice.function.name };
  return { mode: choice.allowed_tools.mode, names: choice.allowed_tools.tools.map((tool) => tool.function.name) };
}

export function asChatTool({ name, description, parameters }: FunctionFields): ChatTool {
  return { type: 'function', function: { name, ...(description === undefined ? {} : { description }), parameters: parameters ?? { type: 'object', properties: {} } } };
}

export interface ToolFields {
  tools: readonly ChatTool[];
  choice: ChosenTools | undefined;
  parallel: boolean | undefined;
}

/** What of a chat request speaks of tools. Throws ApiError for a choice that the tools do not offer. */
export function toolRequest({ tools, choice, parallel }: ToolFields): Pick<ChatRequest, 'tools' | 'toolChoice' | 'parallelToolCalls'> {
  checkNames(tools);
  if (tools.length === 0) {
    if (choice === undefined || choice === 'none' || choice === 'auto') return {};
    throw new ApiError(400, "'tool_choice' asks for a tool, but there are no 'tools'.", { param: 'tool_choice', code: 'invalid_value' });
  }
  const rest = parallel === undefined ? {} : { parallelToolCalls: parallel };
  if (choice === undefined || typeof choice === 'string') return { tools, toolChoice: choice ?? 'auto', ...rest };
  const names = 'name' in choice ? [choice.name] : choice.names;
  const unknown = names.find((name) => !tools.some((tool) => tool.function.name === name));
  if (unknown !== undefined) throw new ApiError(400, `'tool_choice' names the tool '${unknown}', which is not among 'tools'.`, { param: 'tool_choice', code: 'invalid_value' });
  const toolChoice: ToolChoice = 'name' in choice ? choice : choice.mode;
  const offered = 'name' in choice ? tools : tools.filter((tool) => names.includes(tool.function.name));
  return { tools: offered, toolChoice, ...rest };
}

function checkNames(tools: readonly ChatTool[]): void {
  const names = tools.map((tool) => tool.function.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new ApiError(400, `Two tools have the name '${twice}'.`, { param: 'tools', code: 'invalid_value' });
}
