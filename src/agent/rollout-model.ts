/**
 * A chat model in the hands of one rollout of somebody's own agent. Every call goes into the rollout's episode, is drawn as the run wants it
 * (its temperature, its named draws), and counts against the rollout's limits. Nothing is shared between two of them but the model.
 */
import type { ChatMessage, ToolCall } from '../chat-message.ts';
import type { ChatAnswer, ChatEvent, ChatRequest } from '../chat/chat-request.ts';
import { ContextFullError } from '../chat/context-full-error.ts';
import { EpisodeRecorder } from '../chat/episode-recorder.ts';
import type { SamplingParams } from '../engine/engine.ts';
import { R5Error } from '../error.ts';
import { hashWords } from '../random.ts';
import type { ModelForCalls } from './ai-sdk/chat-language-model.ts';
import type { Episode, EpisodeEnd } from '../task/episode.ts';

export interface RolloutModelOptions {
  /** Takes the place of the agent's own settings, but for stop strings; `maxTokens` is for all calls together. `seed` names the rollout. */
  sampling: SamplingParams & { seed: number };
  /** Most calls. Default 32. */
  turns?: number | undefined;
  signal: AbortSignal;
}

const DEFAULT_TURNS = 32;

export class RolloutModel implements ModelForCalls {
  readonly #model: ModelForCalls;
  readonly #options: RolloutModelOptions;
  readonly #recorder = new EpisodeRecorder();
  readonly #seenResults = new Set<string>();
  readonly #start = performance.now();
  #calls = 0;
  #tokensLeft: number;
  #answeredAt = performance.now();
  #limit: EpisodeEnd | undefined;

  constructor(model: ModelForCalls, options: RolloutModelOptions) {
    this.#model = model;
    this.#options = options;
    this.#tokensLeft = options.sampling.maxTokens;
  }

  /** The limit that a call has run into, if any. */
  get limit(): EpisodeEnd | undefined {
    return this.#options.signal.aborted ? 'timeout' : this.#limit;
  }

  /** What has been recorded so far. */
  get episode(): Episode {
    const recorded = this.#recorder.episode;
    const cut = recorded.turns.at(-1)?.stopReason === 'length' ? 'max-tokens' : 'answered';
    return { ...recorded, end: this.limit ?? cut, seconds: (performance.now() - this.#start) / 1000 };
  }

  async complete(request: ChatRequest): Promise<ChatAnswer> {
    for await (const event of this.stream(request)) if (event.type === 'finish') return event.answer;
    throw new Error('an answer ends with its finish');
  }

  stream(request: ChatRequest): AsyncIterable<ChatEvent> {
    const prepared = this.#prepare(request);
    this.#noteToolResults(request.messages);
    try {
      return this.#watched(this.#model.stream(prepared));
    } catch (error) {
      if (error instanceof ContextFullError) this.#limit ??= 'context-full';
      throw error;
    }
  }

  async *#watched(events: AsyncIterable<ChatEvent>): AsyncGenerator<ChatEvent> {
    for await (const event of events) {
      if (event.type === 'finish') this.#settle(event.answer);
      yield event;
    }
  }

  #prepare(request: ChatRequest): ChatRequest {
    const { sampling, turns = DEFAULT_TURNS, signal } = this.#options;
    signal.throwIfAborted();
    this.#calls++;
    if (this.#calls > turns) throw this.#over('max-turns', `made ${turns} calls of the model`);
    if (this.#tokensLeft <= 0) throw this.#over('max-tokens', `let the model write ${sampling.maxTokens} tokens`);
    const { maxTokens = this.#tokensLeft, stop } = request.sampling;
    return {
      ...request,
      sampling: {
        ...sampling,
        ...(stop === undefined ? {} : { stop }),
        maxTokens: Math.min(maxTokens, this.#tokensLeft),
        // Each call draws anew, and a repeated run draws the same.
        seed: hashWords(sampling.seed, this.#calls),
      },
      signal: request.signal ? AbortSignal.any([request.signal, signal]) : signal,
      recorder: this.#recorder,
    };
  }

  #settle(answer: ChatAnswer): void {
    this.#tokensLeft -= answer.generation.tokens.length;
    if (answer.finishReason === 'length' && this.#tokensLeft <= 0) this.#limit ??= 'max-tokens';
    this.#answeredAt = performance.now();
  }

  #over(limit: EpisodeEnd, done: string): R5Error {
    this.#limit ??= limit;
    return new R5Error(`The agent has ${done}, which is as many as a rollout may have. Raise the limit, or let the agent stop earlier.`);
  }

  /** The agent runs its tools itself; what they gave stands in the next prompt. */
  #noteToolResults(messages: readonly ChatMessage[]): void {
    const seconds = (performance.now() - this.#answeredAt) / 1000;
    const calls = new Map(messages.flatMap(({ tool_calls: made = [] }) => made.map((call): [string | undefined, ToolCall] => [call.id, call])));
    for (const { role, content, tool_call_id: id, name } of messages) {
      if (role !== 'tool' || id === undefined || this.#seenResults.has(id)) continue;
      this.#seenResults.add(id);
      const call = calls.get(id)?.function;
      this.#recorder.addToolResult({ name: call?.name ?? name ?? '', arguments: call?.arguments ?? {}, result: content ?? '', seconds });
    }
  }
}
