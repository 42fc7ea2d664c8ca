/** Turns the tokens of one answer into events, and in the end into the message that it is. */
import type { ChatMessage } from '../chat-message.ts';
import type { GeneratedToken } from '../engine/engine.ts';
import type { Tokenizer } from '../model/tokenizer.ts';
import { AnswerParser, type AnswerShape, type AnswerSink } from './answer-parser.ts';
import { MarkedTextStream } from './marked-text.ts';
import { MessageBuilder } from './parse-answer.ts';
import { StopFilter } from './stop-filter.ts';
import type { ChatEvent } from './chat-request.ts';

export interface AnswerStreamOptions {
  shape: AnswerShape;
  stop: readonly string[];
  /** Tokens that end the answer, which are no part of its text. */
  stopTokens: ReadonlySet<number>;
  /** Names call `index` where the model gives it no name. */
  callId: (index: number) => string;
  /** Nothing is read after the first call. */
  singleCall: boolean;
  emit: (event: ChatEvent) => void;
}

export class AnswerStream {
  readonly #options: AnswerStreamOptions;
  readonly #text: MarkedTextStream;
  readonly #stop: StopFilter;
  readonly #parser: AnswerParser;
  readonly #message = new MessageBuilder();
  readonly #pending: { token: GeneratedToken; start: number; end: number }[] = [];
  #read = 0;
  /** Whether a call has been read and no other is wanted. */
  complete = false;

  constructor(tokenizer: Tokenizer, options: AnswerStreamOptions) {
    this.#options = options;
    this.#stop = new StopFilter(options.stop);
    this.#parser = new AnswerParser(this.#sink(), options.shape, tokenizer);
    this.#text = new MarkedTextStream(tokenizer, this.#parser.literals, { continues: options.shape.plain ?? false });
  }

  push(token: GeneratedToken): void {
    if (this.complete || this.#options.stopTokens.has(token.token)) return;
    const { text, special } = this.#text.push(token.token);
    this.#pending.push({ token, start: this.#read, end: this.#read + text.length });
    this.#read += text.length;
    if (special && text !== '') this.#parser.push(this.#stop.finish() + text);
    else this.#parser.push(this.#stop.push(text));
  }

  /** Ends the answer. `stopString` is the stop string that it ran into. */
  finish(): { message: ChatMessage; stopString: string | undefined } {
    if (!this.complete) {
      this.#parser.push(this.#stop.push(this.#text.finish()) + this.#stop.finish());
      this.#parser.finish();
    }
    return { message: this.#message.message, stopString: this.#stop.met };
  }

  #sink(): AnswerSink {
    const { emit, callId, singleCall } = this.#options;
    const builder = this.#message;
    return {
      reasoning: (text) => {
        if (this.complete) return;
        builder.reasoning(text);
        emit({ type: 'reasoning', text });
      },
      text: (text, start, end) => {
        if (this.complete) return;
        builder.text(text);
        emit({ type: 'text', text, tokens: this.#tokensOf(start, end) });
      },
      callStart: (index, name, given) => {
        if (this.complete) return;
        const id = given ?? callId(index);
        builder.callStart(index, name, id);
        emit({ type: 'tool-call-start', index, id, name });
      },
      callArguments: (index, text) => {
        if (this.complete) return;
        builder.callArguments(index, text);
        emit({ type: 'tool-call-arguments', index, text });
      },
      callEnd: (index) => {
        if (this.complete) return;
        emit({ type: 'tool-call-end', index });
        this.complete = singleCall;
      },
    };
  }

  /** Tokens whose text ends within the stretch; those before it were marks, thoughts or calls. */
  #tokensOf(start: number, end: number): GeneratedToken[] {
    const found: GeneratedToken[] = [];
    while (this.#pending[0] && this.#pending[0].end <= end) {
      const first = this.#pending.shift();
      if (first && (first.end > start || (first.end === start && first.start === first.end))) found.push(first.token);
    }
    return found;
  }
}
