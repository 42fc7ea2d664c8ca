/** One request to generate, from its arrival to its end. */
import { R5Error } from '../../error.ts';
import { uniformAt } from '../../random.ts';
import { checkPrompt, checkSampling } from './rollout-queue.ts';
import { MOST_TOP, type DrawingRow, type DrawnToken, type DrawSettings } from './row-drawer.ts';
import { specialTokensAmong, StopStrings } from './stop-strings.ts';
import type { GenerateRequest, Generation } from '../engine.ts';
import type { Tokenizer } from '../../model/tokenizer.ts';

export interface RowLimits {
  contextLength: number;
  vocabularySize: number;
  endTokens: readonly number[];
  /** Needed for stop strings only. */
  tokenizer: Tokenizer | undefined;
}

export class GenerationRow implements DrawingRow {
  /** Prompt and what was drawn; the keys and values of all but the last are in the cache while the row decodes. */
  readonly context: number[];
  readonly settings: DrawSettings;
  readonly result: Promise<Generation>;
  uniform = 0;
  readonly #request: GenerateRequest;
  readonly #stop: StopStrings | undefined;
  readonly #stopTokens: ReadonlySet<number>;
  readonly #limit: number;
  readonly #seed: number;
  readonly #tokens: number[] = [];
  readonly #logprobs: number[] = [];
  #weightsVersion: number | undefined;
  #cachedTokens: number | undefined;
  #ended = false;
  #resolve: (generation: Generation) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  /** Throws R5Error for a request that cannot be. */
  constructor(request: GenerateRequest, limits: RowLimits) {
    const { prompt, params, topLogprobs = 0, constraint } = request;
    checkPrompt(prompt, 'The prompt', limits);
    checkSampling(params, limits.vocabularySize);
    if (!Number.isInteger(topLogprobs) || topLogprobs < 0 || topLogprobs > MOST_TOP) {
      throw new R5Error(`topLogprobs is ${topLogprobs}; it must be a whole number from 0 to ${MOST_TOP}.`);
    }
    this.#request = request;
    this.context = [...prompt];
    this.settings = drawSettings(params, topLogprobs, constraint !== undefined, limits.vocabularySize);
    this.#stop = StopStrings.watch(params.stop, limits.tokenizer);
    this.#stopTokens = new Set([...(params.stopTokens ?? limits.endTokens), ...specialTokensAmong(params.stop ?? [], limits.tokenizer)]);
    this.#limit = Math.min(params.maxTokens, limits.contextLength - prompt.length);
    this.#seed = params.seed ?? 0;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** True once the result has settled. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The token that the next step reads, and its position. */
  get token(): number {
    return this.context[this.context.length - 1] ?? 0;
  }

  get position(): number {
    return this.context.length - 1;
  }

  /** Says how much of the prompt was there already; only the first time counts, when it is read anew it is another thing. */
  admitted(cachedTokens: number): void {
    this.#cachedTokens ??= cachedTokens;
  }

  /** Names the draw of the step that comes, and has the constraint write what it allows. A constraint that throws ends the row. */
  prepare(mask: (() => Uint8Array) | undefined): void {
    if (this.settings.method !== 'greedy') this.uniform = uniformAt(this.#seed, 0, this.#tokens.length);
    const { constraint } = this.#request;
    if (!constraint || !mask) return;
    this.#guard(() => {
      const allowed = mask();
      constraint.allowed(allowed);
      if (!allowed.includes(1)) throw new R5Error(`The constraint allows no token at position ${this.#tokens.length} of the completion; it must allow at least one.`);
    });
  }

  /** Takes in the token that was drawn for it, with weights of the given version. */
  take({ token, logprob, top }: DrawnToken, version: number): void {
    if (this.#ended) return;
    this.#weightsVersion ??= version;
    this.context.push(token);
    this.#tokens.push(token);
    this.#logprobs.push(logprob);
    const { constraint, onToken } = this.#request;
    if (constraint || onToken) {
      this.#guard(() => {
        constraint?.accept(token);
        onToken?.({ token, logprob, top });
      });
    }
    if (this.#stopTokens.has(token) || this.#stop?.push(token)) this.#end('stop', version);
    else if (this.#tokens.length >= this.#limit) this.#end('length', version);
  }

  abort(version: number): void {
    this.#end('aborted', version);
  }

  fail(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#reject(error);
  }

  /** What a caller's function throws ends its own row and no other. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fail(error);
    }
  }

  #end(stopReason: Generation['stopReason'], version: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#resolve({
      tokens: this.#tokens, logprobs: this.#logprobs, stopReason,
      weightsVersion: this.#weightsVersion ?? version, cachedTokens: this.#cachedTokens ?? 0,
    });
  }
}

function drawSettings({ temperature = 1, topK = 0, topP = 1, minP = 0 }: GenerateRequest['params'], top: number, constrained: boolean, vocabularySize: number): DrawSettings {
  const unlimited = topK === 0 || topK >= vocabularySize;
  const method = temperature === 0 ? 'greedy' : unlimited && topP === 1 && minP === 0 ? 'all' : 'filtered';
  return { method, temperature, topK: unlimited ? 0 : topK, topP, minP, constrained, top, candidates: 0 };
}
