/** How one model's conversations are written: its template, what ends a turn, how it thinks and calls tools. */
import type { ChatMessage } from '../chat-message.ts';
import { R5Error } from '../error.ts';
import type { ChatTemplate, RenderOptions } from '../model/chat-template.ts';
import type { Tokenizer } from '../model/tokenizer.ts';
import { firstMatch } from './partial-match.ts';
import { splitAtJoints, withJoints } from './plain-spelling.ts';
import { thinkingMarks, type ThinkingMarks } from './thinking-marks.ts';
import { findToolCallFormat, showsTools, type ToolCallFormat } from './tool-call-format.ts';

/** `plain`: text of users and tools that spells a special token is only text to the model. `recognized`: it is that token, as in transformers. */
export type SpecialTokensInContent = 'plain' | 'recognized';

export class ChatDialect {
  readonly tokenizer: Tokenizer;
  readonly thinking: ThinkingMarks;
  /** Token ids that end an answer: the model's own, and what the template puts behind one. */
  readonly endTokens: readonly number[];
  /** Those as they are spelled in rendered text. */
  readonly endSpellings: readonly string[];
  readonly #template: ChatTemplate;
  readonly #plainSpellings: readonly string[];
  #callFormat: { found: ToolCallFormat | undefined } | undefined;
  #showsTools: boolean | undefined;

  private constructor(template: ChatTemplate, tokenizer: Tokenizer, endTokens: readonly number[], specialTokens: SpecialTokensInContent) {
    this.tokenizer = tokenizer;
    this.#template = template;
    this.thinking = thinkingMarks(tokenizer);
    const spelled = endOfTurn(template, tokenizer);
    const ofTemplate = spelled === undefined ? undefined : tokenizer.tokenId(spelled);
    this.endTokens = [...new Set([...endTokens, ...(ofTemplate === undefined ? [] : [ofTemplate])])];
    this.endSpellings = this.endTokens.filter((id) => tokenizer.isSpecial(id)).map((id) => tokenizer.tokenText(id));
    const marks = [this.thinking.open, this.thinking.close, '<tool_call>', '</tool_call>', '<tool_response>', '</tool_response>'];
    this.#plainSpellings = specialTokens === 'plain' ? [...tokenizer.specialTokens, ...marks.filter((mark) => tokenizer.tokenId(mark) !== undefined)] : [];
  }

  /** Throws R5Error for a model without a chat template. */
  static of(tokenizer: Tokenizer, { name, endTokens, specialTokens }: { name: string; endTokens: readonly number[]; specialTokens: SpecialTokensInContent }): ChatDialect {
    const { chatTemplate } = tokenizer;
    if (!chatTemplate) {
      throw new R5Error(
        `The model ${name} has no chat template, so it cannot be given messages. Use plain completions of a text, or put a chat_template.jinja into its directory.`,
      );
    }
    return new ChatDialect(chatTemplate, tokenizer, endTokens, specialTokens);
  }

  /** How the model calls tools; undefined when its template does not say. */
  get callFormat(): ToolCallFormat | undefined {
    this.#callFormat ??= { found: findToolCallFormat(this.#template, this.tokenizer) };
    return this.#callFormat.found;
  }

  /** Whether the model was made to think before it answers, as far as its template and its tokens tell. */
  get thinks(): boolean {
    const { open } = this.thinking;
    return this.#template.source.includes(open) || this.tokenizer.tokenId(open) !== undefined;
  }

  get showsTools(): boolean {
    return (this.#showsTools ??= showsTools(this.#template));
  }

  /** The conversation as text, for `encode`: joints mark where spellings of special tokens are no such tokens. */
  render(messages: readonly ChatMessage[], options: RenderOptions): string {
    return this.#template.render(messages.map((message) => this.#prepared(message)), options);
  }

  /** Token ids of a rendered text that stands behind the token `after`, if that is given. */
  encode(text: string, after?: number): number[] {
    const { tokenizer } = this;
    // Tokenizers may put a space before the first word of a text, but not behind a special token.
    const lead = after !== undefined && tokenizer.isSpecial(after) ? tokenizer.tokenText(after) : '';
    const ids = splitAtJoints(lead + text).flatMap((piece) => tokenizer.encode(piece));
    return lead !== '' && ids[0] === after ? ids.slice(1) : ids;
  }

  endsTurn(token: number): boolean {
    return this.endTokens.includes(token);
  }

  #prepared(message: ChatMessage): ChatMessage {
    const { role, content } = message;
    if (role === 'developer' && !this.#template.source.includes('developer')) return { ...message, role: 'system' };
    if ((role !== 'user' && role !== 'tool') || content === null) return message;
    return { ...message, content: withJoints(content, this.#plainSpellings) };
  }
}

function endOfTurn(template: ChatTemplate, tokenizer: Tokenizer): string | undefined {
  const answer = 'It is so.';
  const messages: ChatMessage[] = [{ role: 'user', content: 'Is it so?' }, { role: 'assistant', content: answer }];
  let text = '';
  try {
    text = template.render(messages);
  } catch (error) {
    // A template that refuses this plain conversation says so again for the caller's own.
    if (!(error instanceof R5Error)) throw error;
  }
  return firstMatch(text.slice(text.lastIndexOf(answer) + answer.length), tokenizer.specialTokens)?.target;
}
