/** What all endpoints that generate take: how to draw, where to end. */
import { randomInt } from 'node:crypto';
import { z } from 'zod';
import { hashWords } from '../random.ts';
import type { SamplingParams } from '../engine/engine.ts';
import { ApiError } from './api-error.ts';

const stopString = z.string().min(1, 'a stop string must not be empty');

export const samplingFields = {
  temperature: z.number().min(0).max(2).default(1),
  top_p: z.number().min(0).max(1).default(1),
  /** Not OpenAI's; other servers have them under these names. -1 and 0 keep all. */
  top_k: z.number().int().min(-1).default(0),
  min_p: z.number().min(0).max(1).default(0),
  stop: z.union([stopString, z.array(stopString).max(16)]).optional(),
  seed: z.number().int().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER).optional(),
};
const schema = z.object(samplingFields);
export type SamplingFields = Pick<z.output<typeof schema>, 'temperature' | 'top_p' | 'top_k' | 'min_p'> & { stop?: string | string[] | undefined; seed?: number | undefined };

/** As the engine names them, for each choice. Choices draw from seeds of their own; the first one from the seed given. */
export function samplingOf(fields: SamplingFields): (choice: number) => Omit<SamplingParams, 'maxTokens'> {
  const seed = fields.seed ?? randomInt(2 ** 31);
  const stop = typeof fields.stop === 'string' ? [fields.stop] : fields.stop;
  return (choice) => ({
    temperature: fields.temperature,
    topP: fields.top_p,
    topK: Math.max(0, fields.top_k),
    minP: fields.min_p,
    ...(stop && stop.length > 0 ? { stop } : {}),
    seed: choice === 0 ? seed : hashWords(seed, choice),
  });
}

/** The most tokens to write: what was asked for, which must be within the server's limit, or that limit. */
export function tokenLimit(asked: number | undefined, param: string, limit: number | undefined): number | undefined {
  if (asked !== undefined && limit !== undefined && asked > limit) {
    throw new ApiError(400, `${param} is ${asked}; this server writes at most ${limit} tokens.`, { param, code: 'invalid_value' });
  }
  return asked ?? limit;
}

/** Throws where more choices are asked for than the server gives. */
export function checkChoices(n: number, limit: number): void {
  if (n > limit) throw new ApiError(400, `n is ${n}; this server gives at most ${limit} choices.`, { param: 'n', code: 'invalid_value' });
}
