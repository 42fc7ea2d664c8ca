/** All settings of a training run, with defaults that work. They are what `config.json` of a run holds. */
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { dataFields } from './data-settings.ts';
import { engineFields } from './engine-settings.ts';
import { SCHEDULES } from '../rl/schedule.ts';
import type { GrpoSettings } from '../rl/grpo.ts';
import { taskDefaults } from './task-defaults.ts';

const whole = z.number().int().positive();

export const trainSettingsSchema = z.strictObject({
  task: z.string().min(1).describe('built-in task, or the path of a TypeScript file that exports one'),
  model: z.string().min(1).default('r5-tiny').describe('model directory, run, name on the Hugging Face hub, r5-tiny, r5-tiny-search (default for the task search) or r5-tiny-research-base (for research)'),
  ...dataFields,
  seed: z.number().int().nonnegative().default(1).describe('names every random draw of the run'),
  steps: whole.default(60).describe('training steps'),
  prompts: whole.default(32).describe('prompts a step'),
  groupSize: z.number().int().min(2).default(8).describe('completions a prompt'),
  updates: whole.default(1).describe('optimizer steps that the rollouts of a step are cut into'),
  maxTokens: whole.optional().describe("longest completion in tokens (default: the task's own)"),
  temperature: z.number().positive().default(1).describe('sampling temperature'),
  learningRate: z.number().positive().optional().describe('highest learning rate (default: by the size of the model, 10 times more with LoRA)'),
  evalTemperature: z.number().nonnegative().default(0).describe('sampling temperature of the looks at held-out rows; 0 is greedy'),
  schedule: z.enum(SCHEDULES).default('constant').describe('course of the learning rate'),
  warmupSteps: z.number().int().nonnegative().default(0).describe('steps over which the learning rate rises'),
  weightDecay: z.number().nonnegative().default(0).describe('decoupled weight decay of matrices'),
  clipNorm: z.number().nonnegative().default(1).describe('largest global gradient norm; 0 turns clipping off'),
  advantage: z.enum(['mean', 'standardized', 'rloo']).default('mean').describe('how rewards become advantages within a group'),
  normalization: z.enum(['token-mean', 'token-sum', 'sequence-mean']).default('token-mean').describe('what the loss is averaged over'),
  loss: z.enum(['importance_sampling', 'ppo', 'cispo', 'gspo']).default('ppo').describe('policy loss'),
  clipLow: z.number().min(0).max(1).optional().describe("lower clip bound (default: the loss's own)"),
  clipHigh: z.number().nonnegative().optional().describe("upper clip bound (default: the loss's own)"),
  klCoefficient: z.number().nonnegative().default(0).describe('weight of the KL to the starting model'),
  klEstimator: z.enum(['k1', 'k2', 'k3']).default('k3').describe('estimator of that KL'),
  flatGroups: z.enum(['drop', 'resample']).default('drop').describe('what happens to groups whose rewards are all equal'),
  truncated: z.enum(['mask', 'keep']).default('mask').describe('completions that hit the limit: left out of the loss, or kept'),
  maxStaleness: z.number().int().nonnegative().default(0).describe('optimizer steps that the weights of a rollout may be behind; above 0, rollouts and training overlap'),
  importanceCap: z.number().min(1).default(2).describe('largest importance weight of a token, where rollouts may be behind'),
  oversample: z.number().nonnegative().default(0).describe('share of prompts begun beyond those of a step; it takes the groups that end first'),
  rolloutsAtOnce: whole.default(256).describe('rollouts with tools that are under way at once'),
  rolloutTimeout: z.number().positive().default(1800).describe('seconds after which a rollout is lost'),
  maxLostShare: z.number().min(0).max(1).default(0.2).describe('share of the latest rollouts that may be lost before the run stops'),
  logEpisodes: z.number().int().nonnegative().optional().describe('episodes of a step that are logged token by token (default: as many as have 100,000 tokens); the others by text and reward'),
  chat: z.enum(['auto', 'off']).default('auto').describe("off: prompts go to the model as plain text, not through its chat template"),
  ...engineFields,
  evalEvery: z.number().int().nonnegative().default(10).describe('steps between looks at held-out rows; 0 for none'),
  evalRows: whole.default(64).describe('held-out rows of such a look'),
  finalRows: whole.default(512).describe('held-out rows of the evaluation before and after'),
  checkpointEvery: whole.default(10).describe('steps between checkpoints'),
  keepCheckpoints: whole.default(2).describe('checkpoints that are kept'),
});

export type TrainSettings = z.infer<typeof trainSettingsSchema>;
export type TrainSettingsInput = z.input<typeof trainSettingsSchema>;

/** Checks settings and fills in defaults, the task's own before the general ones. Throws R5Error naming each setting that does not fit. */
export function parseTrainSettings(input: unknown): TrainSettings {
  const parsed = trainSettingsSchema.safeParse(withTaskDefaults(input));
  if (parsed.success) return parsed.data;
  const listed = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'settings'}: ${issue.message}`);
  throw new R5Error(`Settings that do not fit: ${listed.join('; ')}.`);
}

function withTaskDefaults(input: unknown): unknown {
  const named = z.looseObject({ task: z.string() }).safeParse(input);
  return named.success ? { ...taskDefaults(named.data.task), ...named.data } : input;
}

/**
 * Learning rate by the number of trained-from parameters: what a sweep found best for the embedded model (1e-3 at 2 M parameters),
 * falling to the field's 1e-6 to 3e-6 at billions; adapters take about 10 times more ("LoRA Without Regret").
 */
export function defaultLearningRate(parameterCount: number, lora: boolean): number {
  const full = Math.min(1e-3, Math.max(2e-6, 1e-3 * (2e6 / parameterCount)));
  return lora ? Math.min(1e-2, 10 * full) : full;
}

/** The loop's settings. */
export function grpoSettings(settings: TrainSettings, learningRate: number, maxTokens: number, stop: readonly string[]): GrpoSettings {
  const { clipLow, clipHigh } = settings;
  return {
    schedule: { learningRate, kind: settings.schedule, warmupSteps: settings.warmupSteps, totalSteps: settings.steps, finalShare: 0.1 },
    prompts: settings.prompts,
    groupSize: settings.groupSize,
    sampling: { maxTokens, temperature: settings.temperature, stop },
    updates: settings.updates,
    advantage: settings.advantage,
    normalization: settings.normalization,
    loss: settings.loss,
    clip: { ...(clipLow === undefined ? {} : { low: clipLow }), ...(clipHigh === undefined ? {} : { high: clipHigh }) },
    klCoefficient: settings.klCoefficient,
    klEstimator: settings.klEstimator,
    flatGroups: settings.flatGroups,
    truncated: settings.truncated,
    optimizer: { weightDecay: settings.weightDecay, clipNorm: settings.clipNorm },
    maxStaleness: settings.maxStaleness,
    importanceCap: settings.importanceCap,
    oversample: settings.oversample,
    rolloutsAtOnce: settings.rolloutsAtOnce,
    rolloutTimeoutMs: 1000 * settings.rolloutTimeout,
    maxLostShare: settings.maxLostShare,
    seed: settings.seed,
  };
}
