/**
 * What one asks of a chat model and what it gives: the layer that the HTTP server, the AI SDK provider and the episodes of many turns share.
 * Conversations go in as messages, come out as messages, and are kept token by token on the way.
 */
import type { ChatMessage, ChatTool } from '../chat-message.ts';
import type { GeneratedToken, Generation, SamplingParams, TokenConstraint } from '../engine/engine.ts';
import type { EpisodeRecorder } from './episode-recorder.ts';

export type JsonSchema = Readonly<Record<string, unknown>> | boolean;

export type ToolChoice = 'auto' | 'none' | 'required' | { name: string };

/** `json`: any JSON object. `json-schema`: enforced while sampling, so every whole answer parses and is valid. */
export type ResponseFormat = { type: 'text' } | { type: 'json' } | { type: 'json-schema'; schema: JsonSchema };

export interface ChatRequest {
  messages: readonly ChatMessage[];
  tools?: readonly ChatTool[];
  /** Default auto. */
  toolChoice?: ToolChoice;
  /** Whether an answer may call several tools. Default true. */
  parallelToolCalls?: boolean;
  responseFormat?: ResponseFormat;
  /** `maxTokens` is cut to what the context leaves. Stop strings are not part of the answer. */
  sampling: Omit<SamplingParams, 'maxTokens'> & { maxTokens?: number };
  topLogprobs?: number;
  /** Further variables of the chat template, such as `enable_thinking`. */
  templateVariables?: Readonly<Record<string, unknown>>;
  signal?: AbortSignal;
  /** Writes the call into an episode, and lets it go on with the token ids of that episode's earlier turns. */
  recorder?: EpisodeRecorder;
}

/** A text to go on with, without a template: what a model continues that has not learned to chat. */
export interface TextRequest {
  /** A text gets the begin token that the model's tokenizer puts before texts. */
  prompt: string | readonly number[];
  sampling: ChatRequest['sampling'];
  topLogprobs?: number;
  constraint?: TokenConstraint;
  signal?: AbortSignal;
}

export type ChatFinishReason = 'stop' | 'length' | 'tool-calls' | 'aborted';

export interface ChatAnswer {
  message: ChatMessage;
  finishReason: ChatFinishReason;
  /** The stop string that ended the answer, if one did. */
  stopString?: string;
  /** The prompt as tokens, and what was drawn. */
  prompt: readonly number[];
  generation: Generation;
  /** Each token drawn, with its text where it is not special; in the order in which they were drawn. */
  tokens: readonly GeneratedToken[];
}

/** Pieces of an answer as they come; texts are deltas. The last event is `finish`. */
export type ChatEvent =
  | { type: 'reasoning'; text: string }
  | { type: 'text'; text: string; tokens: readonly GeneratedToken[] }
  | { type: 'tool-call-start'; index: number; id: string; name: string }
  | { type: 'tool-call-arguments'; index: number; text: string }
  | { type: 'tool-call-end'; index: number }
  | { type: 'finish'; answer: ChatAnswer };

export interface ChatModel {
  /** Name that answers carry. */
  readonly name: string;
  readonly contextLength: number;
  /** Events as they come. To stop reading ends the generation; what nobody begins to read is never made, and stays under way in its recorder. Throws R5Error at once for a request that the model cannot take: too long, a schema that cannot be enforced, tools without a template for them. */
  stream(request: ChatRequest): AsyncIterable<ChatEvent>;
  /** The whole answer. */
  complete(request: ChatRequest): Promise<ChatAnswer>;
  /** A plain continuation: all events are text, and the message's content is all of it. Needs no chat template. */
  streamText(request: TextRequest): AsyncIterable<ChatEvent>;
  completeText(request: TextRequest): Promise<ChatAnswer>;
}
