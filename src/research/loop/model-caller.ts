/** Calls models: by role, within the budget, through the journal, with patience for servers that are busy. */
import type { JSONSchema7 } from 'ai';
import type { ChatTool } from '../../chat-message.ts';
import type { AgentMessage } from './agent-message.ts';
import type { Budget } from './budget.ts';
import type { Journal } from './journal.ts';
import { estimatedTokens, modelAnswerSchema, type ModelAnswer } from './model-answer.ts';
import { ModelError } from './model-error.ts';
import { costOf, priceOf, type Prices } from './prices.ts';
import type { CalledRole, ModelRole, ResearchModel, RoleModels } from './research-model.ts';
import { retryDefaults, withRetries } from './retries.ts';
import { promptText, streamAnswer, type ModelRequest, type StreamedAnswer } from './stream-answer.ts';

export interface ModelCall {
  role: CalledRole;
  /** What it is for, in a word or two. */
  purpose: string;
  system: string;
  /** A text, or a whole conversation. */
  prompt: string | readonly AgentMessage[];
  /** Tools that the model may call; running them is the caller's. */
  tools?: readonly ChatTool[];
  maxOutputTokens?: number;
  schema?: JSONSchema7;
  /** Which of the role's models: 0 is its own, then the fallbacks. */
  choice?: number;
}

export interface ModelCallerOptions {
  models: RoleModels;
  prices: Prices;
  journal: Journal;
  budget: Budget;
  signal: AbortSignal;
  /** First wait before another try. For tests. */
  firstRetryMs?: number | undefined;
}

/** Tokens that an answer may have unless it is said. */
export const DEFAULT_OUTPUT_TOKENS = 2048;

/** Tries that may fail on the server's side before it is asked without a schema: some fail on what they cannot do. */
const TRIES_WITH_SCHEMA = 2;

const WORTH_RETRYING: readonly ModelError['kind'][] = ['rate-limited', 'unavailable', 'timeout'];

export class ModelCaller {
  readonly #options: ModelCallerOptions;
  /** What servers refused; their models are asked without. */
  readonly #refused = new Map<ResearchModel, readonly Refusable[]>();

  constructor(options: ModelCallerOptions) {
    this.#options = options;
  }

  /** How many models a role can turn to. */
  choices(role: ModelRole): number {
    return modelsOf(this.#options.models, role).length;
  }

  /** Throws ModelError after all retries, and BudgetError when the call could go over the budget. */
  call({ role, purpose, system, prompt, tools, maxOutputTokens = DEFAULT_OUTPUT_TOKENS, schema, choice = 0 }: ModelCall): Promise<ModelAnswer> {
    const { models, journal, budget, prices, signal } = this.#options;
    const model = role === 'judge' ? models.judge : (modelsOf(models, role)[choice] ?? models[role]);
    if (model === undefined) throw new Error('there is no judge to call');
    const price = priceOf(model, prices);
    const input = estimatedTokens([system, promptText(prompt), ...[tools, schema].flatMap((sent) => (sent === undefined ? [] : JSON.stringify(sent)))].join(''));
    const reserved = { tokens: input + maxOutputTokens, money: price && costOf(price, { input, output: maxOutputTokens }) };
    return journal.perform<ModelAnswer>({
      kind: 'model',
      // The model's name is no part of it: a run that goes on with another model keeps the answers it has.
      input: { role, purpose, system, prompt: typeof prompt === 'string' ? prompt : [...prompt], ...(tools === undefined ? {} : { tools: tools.map((tool) => tool.function.name) }), maxOutputTokens, choice },
      parse: (result) => modelAnswerSchema.parse(result),
      run: ({ retrying }) =>
        budget.within(reserved, async () => {
          const lost = { inputTokens: 0, outputTokens: 0 };
          const answer = await withRetries((attempt) => this.#ask(model, { system, prompt, tools, maxOutputTokens, temperature: 0, schema }, attempt), {
            ...retryDefaults,
            firstMs: this.#options.firstRetryMs ?? retryDefaults.firstMs,
            signal,
            isWorthIt: (error) => (error instanceof ModelError && WORTH_RETRYING.includes(error.kind) ? error : undefined),
            onRetry: (error, tries, waitMs) => {
              if (error instanceof ModelError) for (const name of ['inputTokens', 'outputTokens'] as const) lost[name] += error.spent?.[name] ?? 0;
              retrying(error, tries, waitMs);
            },
          });
          answer.inputTokens += lost.inputTokens;
          answer.outputTokens += lost.outputTokens;
          const cost = price && costOf(price, { input: answer.inputTokens, output: answer.outputTokens });
          return { ...answer, role, model: model.name, ...(cost === undefined ? {} : { cost }) };
        }),
    });
  }

  /** Leaves out what the server refuses, one after the other, and from then on what it was that it refused. */
  async #ask(model: ResearchModel, request: ModelRequest, attempt: number): Promise<StreamedAnswer> {
    const known = this.#refused.get(model) ?? [];
    const tried: (readonly Refusable[])[] = [known];
    if (attempt > TRIES_WITH_SCHEMA && !known.includes('schema') && request.schema !== undefined) tried[0] = [...known, 'schema'];
    for (let step = 0; ; step++) {
      const left = tried[step] ?? known;
      try {
        const answer = await streamAnswer(model, without(request, left), this.#options.signal);
        if (left !== known) this.#refused.set(model, left);
        return answer;
      } catch (error) {
        if (!(error instanceof ModelError) || error.kind !== 'bad-request') throw error;
        const named = /temperature/i.test(error.message) ? (['temperature', 'schema'] as const) : (['schema', 'temperature'] as const);
        const next = named.find((one) => request[one] !== undefined && !left.includes(one));
        if (next === undefined) throw error;
        tried.push([...left, next]);
      }
    }
  }
}

/** What some servers and models refuse a request for, and r5 can do without. */
type Refusable = 'schema' | 'temperature';

const without = (request: ModelRequest, left: readonly Refusable[]): ModelRequest => ({ ...request, ...Object.fromEntries(left.map((name) => [name, undefined])) });

const modelsOf = (models: RoleModels, role: ModelRole): readonly ResearchModel[] => [models[role], ...models.fallbacks.filter((model) => model !== models[role])];
