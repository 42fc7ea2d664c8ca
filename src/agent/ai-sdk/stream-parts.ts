/** The events of an answer as stream parts of the AI SDK: each block of text, reasoning or tool input has a start, deltas and an end. */
import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { ChatAnswer, ChatEvent } from '../../chat/chat-request.ts';
import { finishReason, usage } from './answer-content.ts';
import { answerMetadata } from './answer-content.ts';
import { toolCallMetadata } from './tool-call-metadata.ts';

interface OpenCall {
  id: string;
  name: string;
  input: string;
}

type BlockKind = 'text' | 'reasoning';

/** Turns one answer's events into parts, in order. */
export class StreamParts {
  readonly #settings: { seed: number | undefined; logprobs: boolean };
  readonly #calls = new Map<number, OpenCall>();
  #block: { kind: BlockKind; id: string } | undefined;
  #blocks = 0;

  constructor(settings: { seed: number | undefined; logprobs: boolean }) {
    this.#settings = settings;
  }

  of(event: ChatEvent): LanguageModelV4StreamPart[] {
    switch (event.type) {
      case 'reasoning':
      case 'text':
        return this.#delta(event.type, event.text);
      case 'tool-call-start': {
        this.#calls.set(event.index, { id: event.id, name: event.name, input: '' });
        return [...this.#endBlock(), { type: 'tool-input-start', id: event.id, toolName: event.name }];
      }
      case 'tool-call-arguments': {
        const call = this.#call(event.index);
        call.input += event.text;
        return [{ type: 'tool-input-delta', id: call.id, delta: event.text }];
      }
      case 'tool-call-end': {
        const { id, name, input } = this.#call(event.index);
        return [
          { type: 'tool-input-end', id },
          { type: 'tool-call', toolCallId: id, toolName: name, input, providerMetadata: toolCallMetadata(input) },
        ];
      }
      case 'finish':
        return [...this.#endBlock(), this.#finish(event.answer)];
    }
  }

  #delta(kind: BlockKind, text: string): LanguageModelV4StreamPart[] {
    if (text === '') return [];
    const parts: LanguageModelV4StreamPart[] = [];
    if (this.#block?.kind !== kind) {
      parts.push(...this.#endBlock());
      this.#block = { kind, id: String(this.#blocks++) };
      parts.push({ type: `${kind}-start`, id: this.#block.id });
    }
    parts.push({ type: `${kind}-delta`, id: this.#block.id, delta: text });
    return parts;
  }

  #endBlock(): LanguageModelV4StreamPart[] {
    const block = this.#block;
    this.#block = undefined;
    return block ? [{ type: `${block.kind}-end`, id: block.id }] : [];
  }

  #call(index: number): OpenCall {
    const call = this.#calls.get(index);
    if (!call) throw new Error(`tool call ${index} has not begun`);
    return call;
  }

  #finish(answer: ChatAnswer): LanguageModelV4StreamPart {
    return { type: 'finish', finishReason: finishReason(answer), usage: usage(answer), providerMetadata: answerMetadata(answer, this.#settings) };
  }
}
