/** The settings of a run that say how its engine is opened. */
import { z } from 'zod';
import { WEIGHT_FORMATS } from '../model/weight-format.ts';
import type { LocalEngineOptions } from '../engine/local/local-engine.ts';

const whole = z.number().int().positive();

export const machineFields = {
  device: z.enum(['cpu', 'webgpu']).default('cpu').describe('where it runs'),
  threads: whole.optional().describe('processor threads (default: all)'),
};

export const engineFields = {
  loraRank: whole.optional().describe('trains low-rank adapters of this rank instead of all weights'),
  loraAlpha: z.number().positive().default(32).describe('scale of the adapters'),
  weights: z.enum(WEIGHT_FORMATS).default('f32').describe('how the frozen weights under adapters are stored'),
  recompute: z.enum(['auto', 'on', 'off']).default('auto').describe('compute activations again for the gradient: less memory, more time; adapters only'),
  contextLength: whole.optional().describe("longest sequence in tokens, at most the model's own (default)"),
  ...machineFields,
};

const schema = z.object(engineFields);
export type EngineSettings = z.output<typeof schema>;

/** What `LocalEngine.open` takes. */
export function engineOptions({ loraRank, loraAlpha, weights, recompute, contextLength, device, threads }: EngineSettings): LocalEngineOptions {
  return {
    device,
    weights,
    lora: loraRank === undefined ? undefined : { rank: loraRank, alpha: loraAlpha },
    ...(recompute === 'auto' ? {} : { recompute: recompute === 'on' }),
    ...(contextLength === undefined ? {} : { contextLength }),
    ...(threads === undefined ? {} : { threads }),
  };
}
