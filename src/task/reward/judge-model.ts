/** A language model of the AI SDK that judges: asked for JSON, asked again when it is not right, within limits, and never twice for the same. */
import { createHash } from 'node:crypto';
import type { LanguageModelV3, LanguageModelV4, SharedV4ProviderOptions } from '@ai-sdk/provider';
import { z } from 'zod';
import { R5Error } from '../../error.ts';
import { LostRollout } from '../lost-rollout.ts';
import { describe } from '../rows.ts';
import { CallGate, type CallLimits } from './call-gate.ts';
import { jsonObjects } from './json-in-text.ts';
import { VerdictCache } from './verdict-cache.ts';

export interface JudgeModelOptions extends CallLimits {
  /** File that keeps verdicts over restarts, appended to; several runs may share it. Default: they are kept as long as the process lives. */
  cache?: string;
  /** How often an answer that does not fit is asked for again. Default 2. */
  repairs?: number;
  /** Default: the provider's. */
  temperature?: number;
  maxOutputTokens?: number;
  providerOptions?: SharedV4ProviderOptions;
}

/** A question to the judge, with the form of its answer. */
export interface JudgeQuestion<Verdict> {
  system: string;
  user: string;
  schema: z.ZodType<Verdict>;
}

export interface JudgeModel {
  /** Provider and model. */
  readonly name: string;
  /**
   * The judge's answer in the form of the schema, from the cache where it has answered the same before.
   * @throws LostRollout when it stays out of reach, or gives no answer of that form.
   * @throws R5Error when it refuses for good.
   */
  ask<Verdict extends z.core.util.JSONType>(question: JudgeQuestion<Verdict>): Promise<Verdict>;
}

/**
 * Makes a judge of a model: `judgeModel(openai('gpt-5-mini'), { cache: 'verdicts.jsonl', requestsPerMinute: 300 })`. One judge may serve
 * several components and tasks; its limits are for all of them together.
 * @throws R5Error for limits that make no sense, and for a cache that cannot be read.
 */
export function judgeModel(model: LanguageModelV4 | LanguageModelV3, options: JudgeModelOptions = {}): JudgeModel {
  if (typeof model !== 'object' || typeof model?.doGenerate !== 'function') {
    throw new R5Error(`judgeModel: ${describe(model)} is no language model; give an AI SDK model object, such as openai('gpt-5-mini').`);
  }
  const { cache, repairs = 2, temperature, maxOutputTokens, providerOptions, ...limits } = options;
  const verdicts = new VerdictCache(cache);
  const gate = new CallGate(limits);
  const settings = {
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(providerOptions === undefined ? {} : { providerOptions }),
  };
  const name = `${model.provider}/${model.modelId}`;
  return {
    name,
    ask: ({ system, user, schema }) => {
      const form = jsonFormOf(schema);
      const key = hashOf([name, settings, system, user, form]);
      const accepts = (value: unknown) => schema.safeParse(value).data;
      return verdicts.get(key, name, accepts, async () => {
        const prompt: JudgeMessage[] = [
          { role: 'system', content: `${system}\n\nAnswer with one JSON object and nothing else. Its schema:\n${JSON.stringify(form)}` },
          { role: 'user', content: [{ type: 'text', text: user }] },
        ];
        for (let attempt = 0; ; attempt++) {
          const text = await gate.run(`The judge ${name}`, (abortSignal) => generate(model, { prompt, form, settings, abortSignal }));
          const read = readVerdict(text, schema);
          if ('verdict' in read) return read.verdict;
          if (attempt >= repairs) throw new LostRollout(`The judge ${name} gave no verdict in ${attempt + 1} attempts: ${read.problem}. Its last words: ${describe(text)}`);
          const complaint = `That does not fit: ${read.problem}. Answer again, with one JSON object of the schema and nothing else.`;
          prompt.push({ role: 'assistant', content: [{ type: 'text', text }] }, { role: 'user', content: [{ type: 'text', text: complaint }] });
        }
      });
    },
  };
}

interface JudgeText {
  type: 'text';
  text: string;
}

/** The messages that all versions of the specification share. */
type JudgeMessage = { role: 'system'; content: string } | { role: 'user'; content: JudgeText[] } | { role: 'assistant'; content: JudgeText[] };

interface JudgeCall {
  prompt: JudgeMessage[];
  form: JsonForm;
  settings: Pick<JudgeModelOptions, 'temperature' | 'maxOutputTokens' | 'providerOptions'>;
  abortSignal: AbortSignal;
}

async function generate(model: LanguageModelV4 | LanguageModelV3, { prompt, form, settings, abortSignal }: JudgeCall): Promise<string> {
  const call = { prompt, ...settings, abortSignal, responseFormat: { type: 'json', name: 'verdict', schema: form } } as const;
  const { content } = model.specificationVersion === 'v4' ? await model.doGenerate(call) : await model.doGenerate(call);
  return content.flatMap((part) => (part.type === 'text' ? part.text : [])).join('');
}

/** The last object in the text that fits, for a judge that puts words around it. */
function readVerdict<Verdict>(text: string, schema: z.ZodType<Verdict>): { verdict: Verdict } | { problem: string } {
  const results = jsonObjects(text).map((object) => schema.safeParse(object));
  const fitting = results.find(({ success }) => success);
  if (fitting?.success) return { verdict: fitting.data };
  const issue = results[0]?.error?.issues[0];
  return { problem: issue === undefined ? 'there is no JSON object in it' : [issue.path.join('.'), issue.message].filter((word) => word !== '').join(': ') };
}

type JsonForm = ReturnType<typeof jsonFormOf>;

/** The schema as a JSON schema that every provider takes. */
function jsonFormOf(schema: z.ZodType) {
  const { $schema: _, ...form } = z.toJSONSchema(schema, { target: 'draft-7' });
  return form;
}

const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');
