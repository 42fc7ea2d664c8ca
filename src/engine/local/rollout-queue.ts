/** The completions that a call to `sample` asks for, one entry each, in order. */
import { R5Error } from '../../error.ts';
import type { SampleRequest, SamplingParams } from '../engine.ts';

export interface Rollout {
  /** Where its completion goes: `result[request][index]`. */
  request: number;
  index: number;
  /** Names its random draws. */
  name: number;
  prompt: readonly number[];
}

/** Checks the requests and unrolls their counts. Throws R5Error naming the request that does not fit. */
export function unrollRequests(
  requests: readonly SampleRequest[],
  params: SamplingParams,
  limits: { contextLength: number; vocabularySize: number },
): Rollout[] {
  const rollouts: Rollout[] = [];
  requests.forEach(({ prompt, count = 1, rollout }, request) => {
    checkPrompt(prompt, `The prompt of request ${request}`, limits);
    if (!Number.isInteger(count) || count < 1) throw new R5Error(`Request ${request} asks for ${count} completions; ask for at least 1.`);
    const first = rollout ?? rollouts.length;
    for (let index = 0; index < count; index++) rollouts.push({ request, index, name: first + index, prompt });
  });
  checkSampling(params, limits.vocabularySize);
  return rollouts;
}

/** Throws R5Error for a prompt that the model cannot go on from; `name` is what the error calls it. */
export function checkPrompt(prompt: readonly number[], name: string, limits: { contextLength: number; vocabularySize: number }): void {
  if (prompt.length === 0) throw new R5Error(`${name} has no tokens; it needs at least one.`);
  if (prompt.length >= limits.contextLength) {
    throw new R5Error(
      `${name} has ${prompt.length} tokens, which leaves no room for an answer in the model's context of ` +
        `${limits.contextLength}; shorten the prompt or use a model with a longer context.`,
    );
  }
  const strange = prompt.find((token) => !Number.isInteger(token) || token < 0 || token >= limits.vocabularySize);
  if (strange !== undefined) {
    throw new R5Error(`${name} has the token ${strange}, and the model knows 0 to ${limits.vocabularySize - 1}.`);
  }
}

/** Throws R5Error naming the parameter that cannot be. */
export function checkSampling({ maxTokens, temperature = 1, topK = 0, topP = 1, minP = 0, stopTokens = [] }: SamplingParams, vocabularySize: number): void {
  const refuse = (name: string, value: number, wanted: string): never => {
    throw new R5Error(`Sampling parameter ${name} is ${value}; it must be ${wanted}.`);
  };
  if (!Number.isInteger(maxTokens) || maxTokens < 1) refuse('maxTokens', maxTokens, 'a whole number of at least 1');
  if (!(temperature >= 0 && temperature < Infinity)) refuse('temperature', temperature, 'a number of at least 0');
  if (!Number.isInteger(topK) || topK < 0) refuse('topK', topK, 'a whole number of at least 0 (0 keeps all)');
  if (!(topP > 0 && topP <= 1)) refuse('topP', topP, 'above 0 and at most 1');
  if (!(minP >= 0 && minP <= 1)) refuse('minP', minP, 'from 0 to 1');
  const strange = stopTokens.find((token) => !Number.isInteger(token) || token < 0 || token >= vocabularySize);
  if (strange !== undefined) {
    throw new R5Error(`Sampling parameter stopTokens has ${strange}, which can never be drawn; the model knows 0 to ${vocabularySize - 1}.`);
  }
}
