/**
 * Parameters of a request by their names. Those that are known go through a schema. Those that change nothing here are dropped. All others
 * are refused by name: an answer that silently ignores what was asked for is worse than none.
 */
import { z } from 'zod';
import { ApiError } from './api-error.ts';

/** Hints to OpenAI's own machines and notes for the caller's books; answers do not depend on them. */
const HARMLESS = new Set([
  'user', 'metadata', 'store', 'service_tier', 'safety_identifier', 'prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention', 'prediction',
]);

/** What a parameter may say although it is not supported, since that is how things are anyway; and what to do otherwise. */
export interface Refusal {
  unless: (value: unknown) => boolean;
  instead: string;
}

export interface ParameterRules<Schema extends z.ZodObject> {
  schema: Schema;
  refused: Readonly<Record<string, Refusal>>;
  /** Further names that change nothing. */
  harmless?: readonly string[];
}

const isZero = (value: unknown): boolean => value === 0;
const isEmpty = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** Of all endpoints that generate. */
export const refusedSampling: Readonly<Record<string, Refusal>> = {
  frequency_penalty: { unless: isZero, instead: 'Use temperature, top_p or min_p.' },
  presence_penalty: { unless: isZero, instead: 'Use temperature, top_p or min_p.' },
  logit_bias: { unless: isEmpty, instead: 'Use response_format to restrict what may be written.' },
};

/** The parameters, checked. Throws ApiError that names the first one that is wrong. */
export function parseParameters<Schema extends z.ZodObject>(body: Readonly<Record<string, unknown>>, { schema, refused, harmless = [] }: ParameterRules<Schema>): z.output<Schema> {
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    // Clients write null for what they leave out.
    if (value === null || HARMLESS.has(name) || harmless.includes(name)) continue;
    const rule = Object.hasOwn(refused, name) ? refused[name] : undefined;
    if (!rule) given[name] = value;
    else if (!rule.unless(value)) throw new ApiError(400, `The parameter '${name}' is not supported here. ${rule.instead}`, { param: name, code: 'unsupported_parameter' });
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw asError(parsed.error);
}

function asError({ issues: [issue] }: z.ZodError): ApiError {
  if (!issue) throw new Error('a failed parse has an issue');
  const found = deepest(issue, []);
  const param = pathText(found.path);
  if (found.issue.code === 'unrecognized_keys') {
    const [key = ''] = found.issue.keys;
    const name = pathText([...found.path, key]);
    return new ApiError(400, `Unrecognized request argument supplied: ${name}`, { param: name, code: 'unknown_parameter' });
  }
  // Of alternatives none of which came near, the schema has nothing to say.
  const message = found.issue.code === 'invalid_union' ? 'it is missing, or of a type that is not accepted' : found.issue.message;
  return new ApiError(400, `Invalid '${param}': ${message}`, { param, code: 'invalid_value' });
}

interface Found {
  issue: z.core.$ZodIssue;
  path: PropertyKey[];
}

/** Of alternatives (a text or a list) the complaint of the one that came furthest. */
function deepest(issue: z.core.$ZodIssue, before: readonly PropertyKey[]): Found {
  const path = [...before, ...issue.path];
  if (issue.code !== 'invalid_union') return { issue, path };
  const candidates = issue.errors.flatMap(([first]) => (first ? [deepest(first, path)] : []));
  const best = candidates.reduce<Found | undefined>((most, one) => (one.path.length > (most?.path.length ?? path.length) ? one : most), undefined);
  return best ?? { issue, path };
}

/** `messages[0].content` */
function pathText(path: readonly PropertyKey[]): string {
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? String(key) : `.${String(key)}`)).join('');
}
