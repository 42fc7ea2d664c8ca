import type { ChatMessage, ToolCall } from '../chat-message.ts';
import type { Tokenizer } from '../model/tokenizer.ts';
import { AnswerParser, type AnswerShape, type AnswerSink } from './answer-parser.ts';
import { markSpecialTokens } from './marked-text.ts';

/** Collects what a parser tells into the message that it is. */
export class MessageBuilder implements AnswerSink {
  #content = '';
  #reasoning = '';
  #calls: { id: string | undefined; name: string; arguments: string }[] = [];

  reasoning(text: string): void {
    this.#reasoning += text;
  }

  text(text: string): void {
    this.#content += text;
  }

  callStart(_index: number, name: string, id: string | undefined): void {
    this.#calls.push({ id, name, arguments: '' });
  }

  callArguments(index: number, text: string): void {
    const call = this.#calls[index];
    if (call) call.arguments += text;
  }

  callEnd(): void {
    // Nothing is left to do.
  }

  /** Content is a text always, empty where there is none: some templates print `null`. */
  get message(): ChatMessage {
    const calls = this.#calls.map(({ id, name, arguments: given }): ToolCall => ({ ...(id === undefined ? {} : { id }), type: 'function', function: { name, arguments: given } }));
    return {
      role: 'assistant',
      content: this.#content,
      ...(this.#reasoning === '' ? {} : { reasoning_content: this.#reasoning }),
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
    };
  }
}

/** What a whole answer says, from its text. */
export function parseAnswer(text: string, shape: AnswerShape, tokenizer: Pick<Tokenizer, 'specialTokens'>): ChatMessage {
  const builder = new MessageBuilder();
  const parser = new AnswerParser(builder, shape, tokenizer);
  parser.push(markSpecialTokens(text, tokenizer));
  parser.finish();
  return builder.message;
}
