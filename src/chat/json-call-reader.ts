import { CallObject } from './call-object.ts';
import type { CallReader, CallSink } from './call-reader.ts';
import { LiteralMatcher } from './literal-matcher.ts';

export interface JsonCallReaderOptions {
  /** What was read to get here; part of `rest` if no call comes of it. */
  opened: string;
  close: string;
  /** The model writes the call's id, behind the arguments. */
  writesId: boolean;
  names: readonly string[] | undefined;
}

/** Reads calls that are JSON objects, one or a list of them, up to the literal that closes them. */
export class JsonCallReader implements CallReader {
  readonly #sink: CallSink;
  readonly #options: JsonCallReaderOptions;
  #phase: 'value' | 'object' | 'separator' | 'close' = 'value';
  #list = false;
  #object: CallObject | undefined;
  #closing: LiteralMatcher;
  rest: string;

  constructor(sink: CallSink, options: JsonCallReaderOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#closing = new LiteralMatcher([options.close]);
    this.rest = options.opened;
  }

  push(text: string): 'more' | 'done' | 'failed' {
    for (let at = 0; at < text.length; at++) {
      const char = text.charAt(at);
      this.rest += char;
      const state = this.#take(char);
      if (state === 'more') continue;
      this.rest += text.slice(at + 1);
      if (state === 'done' || !this.#object?.started) return state;
      // The call has been told of and stands; what is wrong behind its arguments is text.
      this.#object.abandon();
      this.rest = text.slice(at);
      return 'done';
    }
    this.#object?.flush();
    return 'more';
  }

  finish(): 'done' | 'failed' {
    if (this.#object?.started) {
      this.#object.abandon();
      this.#object = undefined;
      this.rest = '';
      return 'done';
    }
    if (this.#object || this.#phase === 'value') return 'failed';
    this.rest = '';
    return 'done';
  }

  #take(char: string): 'more' | 'done' | 'failed' {
    if (this.#phase === 'object') return this.#takeOfObject(char);
    if (this.#phase === 'close') return this.#takeOfClose(char);
    if (/\s/.test(char)) return 'more';
    if (this.#phase === 'separator') {
      if (char !== ',' && char !== ']') return 'failed';
      this.#phase = char === ',' ? 'value' : 'close';
      this.rest = '';
      return 'more';
    }
    if (char === '[' && !this.#list) {
      this.#list = true;
      return 'more';
    }
    if (char !== '{') return 'failed';
    this.#begin();
    return 'more';
  }

  #begin(): void {
    const { writesId, names } = this.#options;
    this.#object = new CallObject(this.#sink, { holds: writesId, names });
    this.#phase = 'object';
  }

  #takeOfObject(char: string): 'more' | 'failed' {
    const state = this.#object?.push(char);
    if (state === 'failed') return 'failed';
    if (state === 'done') {
      this.#object = undefined;
      this.#phase = this.#list ? 'separator' : 'close';
      this.rest = '';
    }
    return 'more';
  }

  #takeOfClose(char: string): 'more' | 'done' | 'failed' {
    if (this.#options.close === '') {
      if (/[\s;]/.test(char)) return 'more';
      if (char !== '{' || this.#list) return 'done';
      this.#begin();
      return 'more';
    }
    const state = this.#closing.push(char);
    if (typeof state === 'string') return state;
    this.rest = '';
    return 'done';
  }
}
