/** Asks a model of the AI SDK once and collects its stream. */
import { jsonSchema, Output, streamText, type JSONSchema7 } from 'ai';
import { modelFailure } from './model-failure.ts';
import { ModelError } from './model-error.ts';
import { estimatedTokens } from './model-answer.ts';
import { agentCallSchema, modelMessages, modelTools, type AgentCall, type AgentMessage } from './agent-message.ts';
import type { ChatTool } from '../../chat-message.ts';
import type { ResearchModel } from './research-model.ts';
import { strictSchema } from './strict-schema.ts';

export interface ModelRequest {
  system: string;
  /** A text, or a whole conversation. */
  prompt: string | readonly AgentMessage[];
  tools?: readonly ChatTool[] | undefined;
  maxOutputTokens: number;
  temperature?: number | undefined;
  /** For models and servers that can hold the answer to it. */
  schema?: JSONSchema7 | undefined;
}

export interface StreamedAnswer {
  text: string;
  reasoning?: string;
  calls?: AgentCall[];
  finishReason: string;
  inputTokens: number;
  outputTokens: number;
  counted: boolean;
}

/**
 * How long a model may be silent before it says the first word, and between two. A local one on an old machine reads a long prompt for many minutes, and
 * a paid one may think for some without a sign; what has begun to write and says nothing for this long has hung.
 */
const SILENCE_MS = { local: { first: 60 * 60_000, next: 10 * 60_000 }, remote: { first: 10 * 60_000, next: 3 * 60_000 } };

/** Throws ModelError, and the signal's reason when it was aborted from outside. */
export async function streamAnswer({ name, model, local }: ResearchModel, request: ModelRequest, outer: AbortSignal): Promise<StreamedAnswer> {
  const silence = local ? SILENCE_MS.local : SILENCE_MS.remote;
  const idle = new IdleTimer(silence.first);
  const { system, prompt, tools = [], maxOutputTokens, temperature, schema } = request;
  const answer = { text: '', reasoning: '', finishReason: 'unknown', inputTokens: estimatedTokens(system + promptText(prompt)), outputTokens: 0, counted: false };
  const calls: AgentCall[] = [];
  try {
    const streamed = streamText({
      model,
      instructions: system,
      prompt: typeof prompt === 'string' ? prompt : modelMessages(prompt),
      ...(tools.length === 0 ? {} : { tools: modelTools(tools) }),
      maxOutputTokens,
      ...(temperature === undefined ? {} : { temperature }),
      maxRetries: 0,
      abortSignal: AbortSignal.any([outer, idle.signal]),
      // Errors come as parts of the stream.
      onError: () => {},
      ...(schema === undefined ? {} : { output: Output.object({ schema: jsonSchema(local ? schema : strictSchema(schema)) }) }),
    });
    for await (const part of streamed.stream) {
      idle.restart(part.type === 'text-delta' || part.type === 'reasoning-delta' ? silence.next : silence.first);
      if (part.type === 'text-delta') answer.text += part.text;
      else if (part.type === 'reasoning-delta') answer.reasoning += part.text;
      else if (part.type === 'tool-call') calls.push(agentCall(part));
      else if (part.type === 'error') throw part.error;
      else if (part.type === 'abort') break;
      else if (part.type === 'finish') {
        const { inputTokens, outputTokens } = part.totalUsage;
        Object.assign(answer, { finishReason: part.finishReason, counted: inputTokens !== undefined && outputTokens !== undefined });
        answer.inputTokens = inputTokens ?? answer.inputTokens;
        answer.outputTokens = outputTokens ?? estimatedTokens(answer.text + answer.reasoning);
      }
    }
    outer.throwIfAborted();
    if (idle.signal.aborted) throw idle.error(name);
    const { reasoning, ...rest } = answer;
    return { ...rest, ...(reasoning === '' ? {} : { reasoning }), ...(calls.length === 0 ? {} : { calls }) };
  } catch (error) {
    outer.throwIfAborted();
    const failure = idle.signal.aborted ? idle.error(name) : modelFailure(error, name);
    const written = estimatedTokens(answer.text + answer.reasoning);
    // What broke off in the middle is paid for all the same.
    if (written > 0) failure.spent = { inputTokens: answer.inputTokens, outputTokens: written };
    throw failure;
  } finally {
    idle.stop();
  }
}

/** What the length of a prompt is estimated from. */
export const promptText = (prompt: ModelRequest['prompt']): string => (typeof prompt === 'string' ? prompt : JSON.stringify(prompt));

function agentCall({ toolCallId, toolName, input, providerMetadata }: { toolCallId: string; toolName: string; input: unknown; providerMetadata?: unknown }): AgentCall {
  return agentCallSchema.parse({ id: toolCallId, name: toolName, arguments: input ?? {}, ...(providerMetadata === undefined ? {} : { metadata: providerMetadata }) });
}

class IdleTimer {
  readonly #controller = new AbortController();
  #limitMs: number;
  #timer: NodeJS.Timeout;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
    this.#timer = this.#arm();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  restart(limitMs: number): void {
    clearTimeout(this.#timer);
    this.#limitMs = limitMs;
    this.#timer = this.#arm();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  error(model: string): ModelError {
    return new ModelError('timeout', `The model ${model} said nothing for ${this.#limitMs / 60_000} minutes.`);
  }

  #arm(): NodeJS.Timeout {
    return setTimeout(() => this.#controller.abort(), this.#limitMs);
  }
}
