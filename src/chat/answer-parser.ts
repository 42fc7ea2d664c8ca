/** Splits what a model writes into thoughts, text and tool calls, while it comes. Nothing that is written is lost: what is no call is text. */
import type { ChatTool } from '../chat-message.ts';
import type { CallReader } from './call-reader.ts';
import { JsonCallReader } from './json-call-reader.ts';
import { markSpecialTokens, withoutMarks } from './marked-text.ts';
import { NamedCallReader } from './named-call-reader.ts';
import { firstMatch, partialMatch } from './partial-match.ts';
import { TagCallReader } from './tag-call-reader.ts';
import type { ThinkingMarks } from './thinking-marks.ts';
import { PROBE_ID, type ToolCallFormat } from './tool-call-format.ts';
import type { Tokenizer } from '../model/tokenizer.ts';

export interface AnswerSink {
  reasoning: (text: string) => void;
  /** `start` and `end`: which part of all that was pushed, in characters. */
  text: (text: string, start: number, end: number) => void;
  callStart: (index: number, name: string, id: string | undefined) => void;
  callArguments: (index: number, text: string) => void;
  callEnd: (index: number) => void;
}

export interface AnswerShape {
  thinking: ThinkingMarks;
  /** The prompt has opened the thoughts already. */
  startsInThoughts: boolean;
  /** Undefined: calls are not looked for. */
  calls: { format: ToolCallFormat; tools: readonly ChatTool[] } | undefined;
  /** All of it is text, thoughts too. Default false. */
  plain?: boolean;
}

/** Llama 3 may put this before a call. */
const PYTHON_TAG = '<|python_tag|>';

export class AnswerParser {
  readonly #sink: AnswerSink;
  readonly #thinking: ThinkingMarks;
  readonly #calls: { format: ToolCallFormat; opens: readonly string[]; tools: readonly ChatTool[] } | undefined;
  /** `start`: nothing but space so far, so thoughts or a bare call may begin. `after`: behind thoughts or calls, where space means nothing. */
  #mode: 'start' | 'thoughts' | 'after' | 'text' | 'call';
  #mayThink = true;
  #buffer = '';
  /** Characters taken out of the buffer so far. */
  #taken = 0;
  #thoughtsBegun = false;
  #reader: CallReader | undefined;
  #callCount = 0;

  constructor(sink: AnswerSink, { thinking, startsInThoughts, calls, plain = false }: AnswerShape, tokenizer: Pick<Tokenizer, 'specialTokens'>) {
    this.#sink = sink;
    this.#thinking = { open: markSpecialTokens(thinking.open, tokenizer), close: markSpecialTokens(thinking.close, tokenizer) };
    this.#calls = calls && { format: markedFormat(calls.format, tokenizer), opens: opensOf(calls.format, tokenizer), tools: calls.tools };
    this.#mode = plain ? 'text' : startsInThoughts ? 'thoughts' : 'start';
  }

  /** Special tokens that are not in one of these mean nothing here. */
  get literals(): string[] {
    const format = this.#calls?.format;
    const ofCalls = format ? [...(this.#calls?.opens ?? []), format.close, format.exact.betweenNameAndArguments, format.separator ?? '', ...(format.tags ? [format.tags.beforeKey, format.tags.betweenKeyAndValue, format.tags.afterValue] : [])] : [];
    return [this.#thinking.open, this.#thinking.close, ...ofCalls];
  }

  push(text: string): void {
    this.#buffer += text;
    while (this.#step());
  }

  finish(): void {
    if (this.#mode === 'call') this.#finishCall();
    if (this.#mode === 'thoughts') this.#think(this.#buffer.trimEnd());
    else if (this.#mode === 'text' || this.#mode === 'start') this.#say(this.#buffer.length);
    else if (this.#buffer.trim() !== '') this.#say(this.#buffer.length);
    this.#buffer = '';
  }

  /** Does what the buffer allows. True when more may be possible at once. */
  #step(): boolean {
    if (this.#mode === 'start' || this.#mode === 'after') return this.#begin();
    if (this.#mode === 'thoughts') return this.#readThoughts();
    if (this.#mode === 'text') return this.#readText();
    return this.#readCall();
  }

  #begin(): boolean {
    const content = this.#buffer.trimStart();
    if (content === '') return false;
    const { open } = this.#thinking;
    if (this.#mayThink && content.startsWith(open)) {
      this.#take(this.#buffer.length - content.length + open.length);
      this.#mode = 'thoughts';
      return true;
    }
    if (this.#mayThink && open.startsWith(content)) return false;
    const opens = this.#calls?.opens ?? [];
    const found = opens.find((literal) => content.startsWith(literal));
    const bare = this.#calls?.format.open === '' && content.startsWith('{');
    if (found === undefined && !bare) {
      if (opens.some((literal) => literal.startsWith(content))) return false;
      if (this.#mode === 'after') this.#take(this.#buffer.length - content.length);
      this.#mode = 'text';
      this.#mayThink = false;
      return true;
    }
    const opened = this.#buffer.slice(0, this.#buffer.length - content.length) + (found ?? '');
    this.#openCall(opened);
    return true;
  }

  #readThoughts(): boolean {
    const { close } = this.#thinking;
    const at = this.#buffer.indexOf(close);
    if (at >= 0) {
      this.#think(this.#buffer.slice(0, at).trimEnd());
      this.#take(at + close.length);
      this.#mode = 'after';
      this.#mayThink = false;
      return true;
    }
    const certain = this.#buffer.slice(0, this.#buffer.length - partialMatch(this.#buffer, [close])).trimEnd();
    this.#think(certain);
    this.#take(certain.length);
    return false;
  }

  #readText(): boolean {
    const opens = this.#calls?.opens ?? [];
    const found = firstMatch(this.#buffer, opens);
    if (found) {
      this.#say(this.#buffer.slice(0, found.at).trimEnd().length);
      this.#openCall(this.#buffer.slice(0, this.#buffer.indexOf(found.target) + found.target.length));
      return true;
    }
    let certain = this.#buffer.length - partialMatch(this.#buffer, opens);
    // Space before a call belongs to neither.
    if (opens.length > 0) certain = this.#buffer.slice(0, certain).trimEnd().length;
    this.#say(certain);
    return false;
  }

  #openCall(opened: string): void {
    this.#take(opened.length);
    this.#mode = 'call';
    this.#reader = this.#newReader(opened);
  }

  #readCall(): boolean {
    const reader = this.#reader;
    if (!reader || this.#buffer === '') return false;
    const text = this.#buffer;
    this.#take(text.length);
    const state = reader.push(text);
    if (state === 'more') return false;
    this.#leaveCall(state, reader.rest);
    return this.#buffer !== '';
  }

  #finishCall(): void {
    const reader = this.#reader;
    if (!reader) return;
    this.#leaveCall(reader.finish(), reader.rest);
  }

  /** Goes on behind a call, or with what turned out to be none as text. */
  #leaveCall(state: 'done' | 'failed', rest: string): void {
    this.#reader = undefined;
    this.#mayThink = false;
    this.#buffer = rest;
    this.#taken -= rest.length;
    this.#mode = state === 'done' ? 'after' : 'text';
    // What stands there must not be taken for the beginning of a call again.
    const open = state === 'failed' ? this.#calls?.opens.find((literal) => rest.trimStart().startsWith(literal)) : undefined;
    if (open !== undefined) this.#say(rest.indexOf(open) + open.length);
  }

  #newReader(opened: string): CallReader {
    if (!this.#calls) throw new Error('calls are read only where there is a format');
    const { format, tools } = this.#calls;
    const index = (): number => this.#callCount - 1;
    const sink = {
      start: (name: string, id?: string) => this.#sink.callStart(this.#callCount++, name, id),
      arguments: (text: string) => this.#sink.callArguments(index(), withoutMarks(text)),
      end: () => this.#sink.callEnd(index()),
    };
    if (format.tags) return new TagCallReader(sink, { opened, close: format.close, tags: format.tags, tools });
    if (format.shape === 'json') {
      const names = format.open === '' ? tools.map(({ function: { name } }) => name) : undefined;
      return new JsonCallReader(sink, { opened, close: format.close, writesId: format.writesId, names });
    }
    const between = format.exact.betweenNameAndArguments.trim();
    const [beforeId, beforeArguments] = format.writesId && between.includes(PROBE_ID) ? between.split(PROBE_ID) : [undefined, between];
    return new NamedCallReader(sink, { opened, close: format.close, beforeId, beforeArguments: beforeArguments ?? '', separator: format.separator?.trim() ?? '' });
  }

  #think(text: string): void {
    const thought = this.#thoughtsBegun ? text : text.trimStart();
    if (thought === '') return;
    this.#thoughtsBegun = true;
    this.#sink.reasoning(withoutMarks(thought));
  }

  /** Tells of the first `length` characters of the buffer as text. */
  #say(length: number): void {
    const text = this.#buffer.slice(0, length);
    const start = this.#taken;
    this.#take(length);
    if (text !== '') this.#sink.text(withoutMarks(text), start, this.#taken);
  }

  #take(length: number): void {
    this.#buffer = this.#buffer.slice(length);
    this.#taken += length;
  }
}

function opensOf(format: ToolCallFormat, tokenizer: Pick<Tokenizer, 'specialTokens'>): string[] {
  const open = markSpecialTokens(format.open, tokenizer);
  if (open !== '') return [open];
  return tokenizer.specialTokens.includes(PYTHON_TAG) ? [markSpecialTokens(PYTHON_TAG, tokenizer)] : [];
}

function markedFormat(format: ToolCallFormat, tokenizer: Pick<Tokenizer, 'specialTokens'>): ToolCallFormat {
  const marked = (literal: string): string => markSpecialTokens(literal, tokenizer);
  const { tags, separator, exact } = format;
  return {
    ...format,
    open: marked(format.open),
    close: marked(format.close),
    exact: { beforeName: marked(exact.beforeName), betweenNameAndArguments: marked(exact.betweenNameAndArguments), afterArguments: marked(exact.afterArguments) },
    ...(separator === undefined ? {} : { separator: marked(separator) }),
    ...(tags ? { tags: { ...tags, beforeKey: marked(tags.beforeKey), betweenKeyAndValue: marked(tags.betweenKeyAndValue), afterValue: marked(tags.afterValue) } } : {}),
  };
}
