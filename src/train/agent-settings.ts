/** The settings of a run that trains somebody's own agent: those of every training run, without what speaks of a task. */
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { trainSettingsSchema } from './settings.ts';

/** Tokens that the model may write in one rollout, all its calls together, where the settings do not say. */
export const AGENT_MAX_TOKENS = 1024;

export const agentSettingsSchema = trainSettingsSchema.omit({ task: true, data: true, columns: true, chat: true });

export type AgentSettingsInput = z.input<typeof agentSettingsSchema>;
export type AgentSettings = z.output<typeof agentSettingsSchema>;

/** What `config.json` of such a run holds; `algorithm` tells it from other runs. `task` is the agent's name. */
const agentConfigSchema = agentSettingsSchema.extend({ task: z.string(), chat: z.enum(['auto', 'off']), algorithm: z.literal('agent'), rowsHash: z.string() });

/** Checks settings and fills in defaults. Throws R5Error naming each setting that does not fit. */
export function parseAgentSettings(input: unknown): AgentSettings {
  return parse(agentSettingsSchema, input);
}

/** The same for the config of a run. */
export function parseAgentConfig(input: unknown): z.output<typeof agentConfigSchema> {
  return parse(agentConfigSchema, input);
}

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const listed = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'settings'}: ${issue.message}`);
  throw new R5Error(`Settings that do not fit: ${listed.join('; ')}.`);
}
