/** The parameters of /v1/completions. */
import { z } from 'zod';
import type { SamplingParams } from '../../engine/engine.ts';
import { parseParameters, refusedSampling, type Refusal } from '../parameters.ts';
import { checkChoices, samplingFields, samplingOf, tokenLimit } from '../sampling-parameters.ts';
import type { RequestLimits } from '../chat/request.ts';

const count = z.number().int().positive();
const tokens = z.array(z.number().int().nonnegative()).min(1);
/** OpenAI's own default. */
const DEFAULT_TOKENS = 16;

const schema = z.strictObject({
  model: z.string().optional(),
  prompt: z.union([z.string(), tokens, z.array(z.string()).min(1), z.array(tokens).min(1)]),
  stream: z.boolean().default(false),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).optional(),
  max_tokens: count.optional(),
  n: count.default(1),
  logprobs: z.number().int().min(0).max(20).optional(),
  ...samplingFields,
});

const isOne = (value: unknown): boolean => value === 1;
const isFalse = (value: unknown): boolean => value === false;
const refused: Readonly<Record<string, Refusal>> = {
  ...refusedSampling,
  echo: { unless: isFalse, instead: 'Put the prompt before the answer yourself.' },
  best_of: { unless: isOne, instead: 'Use n and choose among the answers.' },
  suffix: { unless: (value) => value === '', instead: 'The model only writes on.' },
};

export interface CompletionsRequest {
  model: string | undefined;
  prompts: readonly (string | readonly number[])[];
  /** Per prompt. */
  choices: number;
  stream: boolean;
  includeUsage: boolean;
  /** Alternatives to report at each token; undefined: report no log-probabilities. */
  logprobs: number | undefined;
  sampling: (choice: number) => SamplingParams;
}

/** Throws ApiError that names the parameter. */
export function parseCompletionsRequest(body: Readonly<Record<string, unknown>>, limits: RequestLimits): CompletionsRequest {
  const fields = parseParameters(body, { schema, refused });
  const prompts = promptList(fields.prompt);
  checkChoices(fields.n * prompts.length, limits.choices);
  const sampling = samplingOf(fields);
  const limit = tokenLimit(fields.max_tokens, 'max_tokens', limits.maxTokens);
  const maxTokens = fields.max_tokens ?? Math.min(DEFAULT_TOKENS, limit ?? DEFAULT_TOKENS);
  return {
    model: fields.model,
    prompts,
    choices: fields.n,
    stream: fields.stream,
    includeUsage: fields.stream_options?.include_usage ?? false,
    logprobs: fields.logprobs,
    sampling: (choice) => ({ ...sampling(choice), maxTokens }),
  };
}

function promptList(prompt: z.output<typeof schema>['prompt']): (string | number[])[] {
  if (typeof prompt === 'string') return [prompt];
  const numbers: number[] = [];
  const many: (string | number[])[] = [];
  for (const part of prompt) {
    if (typeof part === 'number') numbers.push(part);
    else many.push(part);
  }
  return numbers.length > 0 ? [numbers] : many;
}
