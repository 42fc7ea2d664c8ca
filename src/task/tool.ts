/** Tools that a model may call: a name, a schema of the arguments (zod or any other Standard Schema), and what they do. */
import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';

/** A schema that validates and can be written as a JSON schema: zod 4's are, and any other library's that follows the Standard Schema. */
export type ToolSchema<Arguments = unknown> =
  | StandardSchemaV1<unknown, Arguments>
  | (StandardSchemaV1<unknown, Arguments> & StandardJSONSchemaV1<unknown, Arguments>);

export interface ToolContext {
  /** Aborted when the call's time is over or the episode ends. */
  signal: AbortSignal;
}

export interface Tool<Arguments = unknown> {
  /** As the model writes it: letters, digits, `_` and `-`. */
  name: string;
  description: string;
  parameters: ToolSchema<Arguments>;
  /** Parameters as a JSON schema, for a schema library that cannot write one itself. */
  jsonSchema?: Readonly<Record<string, unknown>>;
  /**
   * What the model gets to read: a text as it is, anything else as JSON. What it throws becomes an error result that the model reads.
   * A method and not a property, so that tools with different arguments fit into one list; `parameters` has checked them before.
   */
  run(args: Arguments, context: ToolContext): unknown;
  /** Longest time of one call. Default 30 s. */
  timeoutMs?: number;
}

/** Gives `run` the type of its arguments by inference. */
export function defineTool<Arguments>(tool: Tool<Arguments>): Tool<Arguments> {
  return tool;
}
