/** Tools as the model gets to see them: name, description, and the arguments as a JSON schema. */
import type { ChatTool } from '../chat-message.ts';
import { R5Error } from '../error.ts';
import { describe, messageOf } from './rows.ts';
import type { Tool } from './tool.ts';

const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** Tools for a chat template. Throws R5Error for a name that no model could write, two tools of one name, and a schema that is not to be had. */
export function chatTools(tools: readonly Tool[]): ChatTool[] {
  const names = new Set<string>();
  return tools.map((tool) => {
    const { name, description } = tool;
    if (!TOOL_NAME.test(name)) throw new R5Error(`A tool is named ${describe(name)}; names have up to 64 letters, digits, '_' and '-'.`);
    if (names.has(name)) throw new R5Error(`Two tools are named "${name}"; the model could not tell them apart.`);
    names.add(name);
    checkTool(tool);
    return { type: 'function', function: { name, description, parameters: toolJsonSchema(tool) } };
  });
}

/** What programs without types may get wrong. */
function checkTool({ name, description, parameters, run, timeoutMs }: { name: string; description: unknown; parameters: unknown; run: unknown; timeoutMs?: unknown }): void {
  const refuse = (field: string, value: unknown, wanted: string): never => {
    throw new R5Error(`The tool "${name}" has ${field} ${describe(value)}; it must be ${wanted}.`);
  };
  if (typeof description !== 'string' || description.trim() === '') refuse('the description', description, 'a text that tells the model what the tool is for');
  if (typeof parameters !== 'object' && typeof parameters !== 'function') refuse('the parameters', parameters, 'a schema, such as z.object({ ... })');
  if (parameters === null || !('~standard' in Object(parameters))) refuse('the parameters', parameters, 'a schema of zod or of another library that follows the Standard Schema');
  if (typeof run !== 'function') refuse('the run', run, 'a function of the arguments');
  if (timeoutMs !== undefined && !(typeof timeoutMs === 'number' && timeoutMs > 0)) refuse('the timeoutMs', timeoutMs, 'a number of milliseconds above 0');
}

/** The arguments that a model has to write, before any defaults: the tool's own `jsonSchema`, or what its schema library makes of `parameters`. */
export function toolJsonSchema({ name, parameters, jsonSchema }: Tool): Readonly<Record<string, unknown>> {
  if (jsonSchema) return jsonSchema;
  const standard = parameters['~standard'];
  const writer = 'jsonSchema' in standard ? standard.jsonSchema : undefined;
  if (writer === undefined) {
    throw new R5Error(`The parameters of the tool "${name}" are a schema of ${standard.vendor}, which cannot write itself as a JSON schema; give the tool a jsonSchema.`);
  }
  try {
    // The dialect is of no use to a model and costs tokens in every prompt.
    const { $schema: _, ...schema } = writer.input({ target: 'draft-2020-12' });
    return schema;
  } catch (error) {
    throw new R5Error(`The parameters of the tool "${name}" cannot be written as a JSON schema: ${messageOf(error)}. Give the tool a jsonSchema.`, { cause: error });
  }
}
