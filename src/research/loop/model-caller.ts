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
import { promptText, streamAnswer, type ModelRequest } from './stream-answer.ts';

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

const WORTH_RETRYING: readonly ModelError['kind'][] = ['rate-limited', 'unavailable', 'timeout'];

export class ModelCaller {
  readonly #options: ModelCallerOptions;
  /** Models whose server refused a schema; they are asked without. */
  readonly #withoutSchema = new Set<ResearchModel>();

  constructor(options: ModelCallerOptions) {
    this.#options = options;
  }

  /** How many models a role can turn to. */
  choices(role: ModelRole): number {
    return modelsOf(this.#options.models, role).length;
  }

  /** Throws ModelError after all retries, and BudgetError when the call could go over the budget. */
  call({ role, purpose, system, prompt, tools, maxOutputTokens = 2048, schema, choice = 0 }: ModelCall): Promise<ModelAnswer> {
    const { models, journal, budget, prices, signal } = this.#options;
    const model = role === 'judge' ? models.judge : (modelsOf(models, role)[choice] ?? models[role]);
    if (model === undefined) throw new Error('there is no judge to call');
    const price = priceOf(model, prices);
    const input = estimatedTokens(system + promptText(prompt) + (tools === undefined ? '' : JSON.stringify(tools)));
    const reserved = { tokens: input + maxOutputTokens, money: price && costOf(price, { input, output: maxOutputTokens }) };
    return journal.perform<ModelAnswer>({
      kind: 'model',
      // The model's name is no part of it: a run that goes on with another model keeps the answers it has.
      input: { role, purpose, system, prompt: typeof prompt === 'string' ? prompt : [...prompt], ...(tools === undefined ? {} : { tools: tools.map((tool) => tool.function.name) }), maxOutputTokens, choice },
      parse: (result) => modelAnswerSchema.parse(result),
      run: ({ retrying }) =>
        budget.within(reserved, async () => {
          const answer = await withRetries(() => this.#ask(model, { system, prompt, tools, maxOutputTokens, temperature: 0, schema }), {
            ...retryDefaults,
            firstMs: this.#options.firstRetryMs ?? retryDefaults.firstMs,
            signal,
            isWorthIt: (error) => (error instanceof ModelError && WORTH_RETRYING.includes(error.kind) ? error : undefined),
            onRetry: retrying,
          });
          const cost = price && costOf(price, { input: answer.inputTokens, output: answer.outputTokens });
          return { ...answer, role, model: model.name, ...(cost === undefined ? {} : { cost }) };
        }),
    });
  }

  async #ask(model: ResearchModel, request: ModelRequest): Promise<Awaited<ReturnType<typeof streamAnswer>>> {
    const { signal } = this.#options;
    if (request.schema === undefined || this.#withoutSchema.has(model)) return streamAnswer(model, { ...request, schema: undefined }, signal);
    try {
      return await streamAnswer(model, request, signal);
    } catch (error) {
      if (!(error instanceof ModelError) || error.kind !== 'bad-request') throw error;
      this.#withoutSchema.add(model);
      return streamAnswer(model, { ...request, schema: undefined }, signal);
    }
  }
}

const modelsOf = (models: RoleModels, role: ModelRole): readonly ResearchModel[] => [models[role], ...models.fallbacks.filter((model) => model !== models[role])];
