import type { ChatEvent } from '../chat/chat-request.ts';
import { ContextFullError } from '../chat/context-full-error.ts';
import { contextError } from './api-error.ts';
import { cutOffError } from './cut-off.ts';
import type { GenerationTimer } from './metrics.ts';

export interface FollowOptions {
  signal: AbortSignal;
  timer: GenerationTimer;
  /** The parameter that holds what the model reads. */
  param: string;
}

/** One answer's events, timed. Throws when it is cut off: half an answer must not look like a whole one. */
export async function* followAnswer(start: () => AsyncIterable<ChatEvent>, { signal, timer, param }: FollowOptions): AsyncGenerator<ChatEvent, void, undefined> {
  try {
    for await (const event of start()) {
      if (event.type === 'finish') {
        const { prompt, generation, finishReason } = event.answer;
        timer.end({ promptTokens: prompt.length, cachedTokens: generation.cachedTokens, completionTokens: generation.tokens.length });
        if (finishReason === 'aborted') throw cutOffError(signal);
      } else timer.firstToken();
      yield event;
    }
  } catch (error) {
    if (signal.aborted) throw cutOffError(signal);
    throw error instanceof ContextFullError ? contextError(error, param) : error;
  }
}
