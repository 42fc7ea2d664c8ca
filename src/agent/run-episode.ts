/**
 * An episode of many turns: the model speaks, its tool calls are run, it reads the results, and so on until it answers without a call or a
 * limit is reached. Whatever a tool does, the episode goes on; the recorder keeps every token as it was drawn.
 */
import type { ChatMessage } from '../chat-message.ts';
import type { ChatAnswer, ChatModel } from '../chat/chat-request.ts';
import { ContextFullError } from '../chat/context-full-error.ts';
import { EpisodeRecorder } from '../chat/episode-recorder.ts';
import type { SamplingParams } from '../engine/engine.ts';
import { hashWords } from '../random.ts';
import type { Episode, EpisodeEnd } from '../task/episode.ts';
import type { EpisodeLimits } from '../task/task.ts';
import { callTool } from '../task/tool-call.ts';
import { chatTools } from '../task/tool-schema.ts';
import type { Tool } from '../task/tool.ts';
import { Deadline } from './deadline.ts';

export interface EpisodeRequest {
  model: ChatModel;
  /** How the conversation begins. */
  messages: readonly ChatMessage[];
  tools: readonly Tool[];
  /** Most tokens that the model may write, all turns together. */
  maxTokens: number;
  limits?: EpisodeLimits | undefined;
  /** `seed` names the draws of the whole episode. */
  sampling?: Omit<SamplingParams, 'maxTokens'>;
  /** Ends the episode early; it is then `aborted`. */
  signal?: AbortSignal | undefined;
}

const DEFAULT_TURNS = 8;
const DEFAULT_TOOL_ERRORS = 8;

/** Runs an episode to its end. Throws R5Error for a request that the model cannot take at all. */
export async function runEpisode(request: EpisodeRequest): Promise<Episode> {
  const deadline = new Deadline(request.limits?.timeoutMs, request.signal);
  try {
    return await new Course(request, deadline).run();
  } finally {
    deadline.clear();
  }
}

/** One episode under way. */
class Course {
  readonly #request: EpisodeRequest;
  readonly #deadline: Deadline;
  readonly #recorder = new EpisodeRecorder();
  readonly #messages: ChatMessage[];
  #tokensLeft: number;
  #toolErrors = 0;

  constructor(request: EpisodeRequest, deadline: Deadline) {
    this.#request = request;
    this.#deadline = deadline;
    this.#tokensLeft = request.maxTokens;
    this.#messages = [...request.messages];
  }

  async run(): Promise<Episode> {
    const end = await this.#takeTurns();
    return { ...this.#recorder.finish(end), messages: this.#messages };
  }

  async #takeTurns(): Promise<EpisodeEnd> {
    const { turns = DEFAULT_TURNS, toolErrors = DEFAULT_TOOL_ERRORS } = this.#request.limits ?? {};
    for (let turn = 1; ; turn++) {
      const answer = await this.#ask(turn);
      if (!answer) return 'context-full';
      this.#messages.push(answer.message);
      this.#tokensLeft -= answer.generation.tokens.length;
      if (this.#deadline.over) return this.#deadline.over;
      if (answer.finishReason === 'length') return this.#tokensLeft > 0 ? 'context-full' : 'max-tokens';
      const calls = answer.message.tool_calls ?? [];
      if (calls.length === 0) return 'answered';
      // What the tools would say, nobody would read.
      if (turn >= turns) return 'max-turns';
      if (this.#tokensLeft <= 0) return 'max-tokens';
      await this.#runTools(calls);
      if (this.#deadline.over) return this.#deadline.over;
      if (this.#toolErrors > toolErrors) return 'tool-errors';
    }
  }

  /** Undefined when the conversation leaves no room in the context. */
  async #ask(turn: number): Promise<ChatAnswer | undefined> {
    const { model, tools, sampling = {} } = this.#request;
    const { signal } = this.#deadline;
    try {
      return await model.complete({
        messages: this.#messages,
        ...(tools.length === 0 ? {} : { tools: chatTools(tools) }),
        sampling: { ...sampling, seed: hashWords(sampling.seed ?? 0, turn), maxTokens: this.#tokensLeft },
        signal,
        recorder: this.#recorder,
      });
    } catch (error) {
      // A first prompt that does not fit is a mistake in the task, and said as such.
      if (error instanceof ContextFullError && turn > 1) return undefined;
      throw error;
    }
  }

  /** All calls of a turn at once; their results in the order of the calls. */
  async #runTools(calls: NonNullable<ChatMessage['tool_calls']>): Promise<void> {
    const { tools } = this.#request;
    const { signal } = this.#deadline;
    const records = await Promise.all(calls.map(({ function: { name, arguments: given } }) => callTool(tools, { name, arguments: given }, signal)));
    calls.forEach(({ id, function: { name } }, i) => {
      const record = records[i];
      if (!record) return;
      this.#recorder.addToolResult(record);
      if (record.error !== undefined) this.#toolErrors++;
      this.#messages.push({ role: 'tool', content: record.result, ...(id === undefined ? {} : { tool_call_id: id }), name });
    });
  }
}
