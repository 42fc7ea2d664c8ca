import { R5Error } from '../error.ts';

/** The conversation leaves no room for an answer in the model's context. */
export class ContextFullError extends R5Error {
  override readonly name = 'ContextFullError';
  readonly promptTokens: number;
  readonly contextLength: number;

  constructor(model: string, promptTokens: number, contextLength: number) {
    super(`The prompt has ${promptTokens} tokens, and ${model} takes ${contextLength} together with the answer. Shorten the conversation.`);
    this.promptTokens = promptTokens;
    this.contextLength = contextLength;
  }
}
