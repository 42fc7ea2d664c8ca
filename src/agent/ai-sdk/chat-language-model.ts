/** A chat model as a language model of the AI SDK (provider specification v4). */
import type {
  LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4GenerateResult, LanguageModelV4StreamPart, LanguageModelV4StreamResult,
} from '@ai-sdk/provider';
import type { ChatEvent, ChatModel } from '../../chat/chat-request.ts';
import { answerContent, answerMetadata, finishReason, usage } from './answer-content.ts';
import { chatRequest } from './call-options.ts';
import { StreamParts } from './stream-parts.ts';

/** As much of a chat model as a language model needs. */
export type ModelForCalls = Pick<ChatModel, 'stream' | 'complete'>;

export class ChatLanguageModel implements LanguageModelV4 {
  readonly specificationVersion = 'v4';
  readonly provider = 'r5';
  readonly modelId: string;
  /** No kind of file is read from the network. */
  readonly supportedUrls = {};
  readonly #open: () => Promise<ModelForCalls>;

  /** `open` is called with every request; it should open the model once. */
  constructor(modelId: string, open: () => Promise<ModelForCalls>) {
    this.modelId = modelId;
    this.#open = open;
  }

  async doGenerate(options: LanguageModelV4CallOptions): Promise<LanguageModelV4GenerateResult> {
    const { request, warnings } = chatRequest(options);
    const model = await this.#open();
    options.abortSignal?.throwIfAborted();
    const timestamp = new Date();
    const answer = await model.complete(request);
    options.abortSignal?.throwIfAborted();
    return {
      content: answerContent(answer),
      finishReason: finishReason(answer),
      usage: usage(answer),
      providerMetadata: answerMetadata(answer, { seed: request.sampling.seed, logprobs: request.topLogprobs !== undefined }),
      response: { timestamp, modelId: this.modelId },
      warnings,
    };
  }

  async doStream(options: LanguageModelV4CallOptions): Promise<LanguageModelV4StreamResult> {
    const { request, warnings } = chatRequest(options);
    const model = await this.#open();
    options.abortSignal?.throwIfAborted();
    // The reader may leave before the end: then generation ends too, and its row is free for others.
    const left = new AbortController();
    const signal = request.signal ? AbortSignal.any([request.signal, left.signal]) : left.signal;
    const parts = new StreamParts({ seed: request.sampling.seed, logprobs: request.topLogprobs !== undefined });
    const start: LanguageModelV4StreamPart[] = [
      { type: 'stream-start', warnings },
      { type: 'response-metadata', timestamp: new Date(), modelId: this.modelId },
    ];
    const events = model.stream({ ...request, signal })[Symbol.asyncIterator]();
    return { stream: partStream({ start, events, parts, signal: options.abortSignal, leave: () => left.abort() }) };
  }
}

interface PartStreamSource {
  start: readonly LanguageModelV4StreamPart[];
  events: AsyncIterator<ChatEvent>;
  parts: StreamParts;
  signal: AbortSignal | undefined;
  leave: () => void;
}

function partStream({ start, events, parts, signal, leave }: PartStreamSource): ReadableStream<LanguageModelV4StreamPart> {
  return new ReadableStream<LanguageModelV4StreamPart>({
    start: (controller) => start.forEach((part) => controller.enqueue(part)),
    pull: async (controller) => {
      try {
        for (let enqueued = false; !enqueued; ) {
          const next = await events.next();
          signal?.throwIfAborted();
          if (next.done) return controller.close();
          const made = parts.of(next.value);
          made.forEach((part) => controller.enqueue(part));
          enqueued = made.length > 0;
        }
      } catch (error) {
        if (signal?.aborted) return controller.error(signal.reason);
        controller.enqueue({ type: 'error', error });
        controller.close();
      }
    },
    cancel: leave,
  });
}
