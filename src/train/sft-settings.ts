/** All settings of a fine-tuning run, with defaults that work. With the hash of the data they are what `config.json` of the run holds. */
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { dataFields } from './data-settings.ts';
import { engineFields } from './engine-settings.ts';
import { SCHEDULES } from '../rl/schedule.ts';

const whole = z.number().int().positive();

export const sftSettingsSchema = z.strictObject({
  data: z.string().min(1).describe('.jsonl file with a prompt and a completion a line, or a task that has solutions'),
  taskData: dataFields.data,
  columns: dataFields.columns,
  model: z.string().min(1).default('r5-tiny').describe('model directory, run, name on the Hugging Face hub, or r5-tiny'),
  seed: z.number().int().nonnegative().default(1).describe('names every random draw of the run'),
  epochs: z.number().positive().default(1).describe('passes over the data'),
  steps: whole.optional().describe('training steps (default: as many as the epochs take)'),
  batch: whole.default(32).describe('examples a step'),
  learningRate: z.number().positive().optional().describe('highest learning rate (default: by the size of the model, 10 times more with LoRA)'),
  schedule: z.enum(SCHEDULES).default('linear').describe('course of the learning rate'),
  warmupSteps: z.number().int().nonnegative().default(0).describe('steps over which the learning rate rises'),
  weightDecay: z.number().nonnegative().default(0).describe('decoupled weight decay of matrices'),
  clipNorm: z.number().nonnegative().default(1).describe('largest global gradient norm; 0 turns clipping off'),
  ...engineFields,
  finalRows: z.number().int().nonnegative().default(256).describe('held-out rows of a task that are evaluated before and after; 0 for none'),
  checkpointEvery: whole.default(50).describe('steps between checkpoints'),
  keepCheckpoints: whole.default(2).describe('checkpoints that are kept'),
});

export type SftSettings = z.output<typeof sftSettingsSchema>;
export type SftSettingsInput = z.input<typeof sftSettingsSchema>;

/** What `config.json` of a fine-tuning run holds; `algorithm` tells it from other runs. */
export const sftConfigSchema = sftSettingsSchema.extend({ algorithm: z.literal('sft'), dataHash: z.string() });

/** Checks settings and fills in defaults. Throws R5Error naming each setting that does not fit. */
export function parseSftSettings(input: unknown): SftSettings {
  return parse(sftSettingsSchema, input);
}

/** The same for the config of a run. */
export function parseSftConfig(input: unknown): z.output<typeof sftConfigSchema> {
  return parse(sftConfigSchema, input);
}

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const listed = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'settings'}: ${issue.message}`);
  throw new R5Error(`Settings that do not fit: ${listed.join('; ')}.`);
}
