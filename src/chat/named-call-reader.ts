import type { CallReader, CallSink } from './call-reader.ts';
import { JsonValueScanner } from './json-value-scanner.ts';
import { LiteralMatcher } from './literal-matcher.ts';

export interface NamedCallReaderOptions {
  opened: string;
  /** Between the name and the call's id, if the model writes one. */
  beforeId: string | undefined;
  beforeArguments: string;
  close: string;
  /** Between the arguments and the next name, where calls may follow each other before `close`. */
  separator: string;
}

/** Reads calls that are a name, a literal, and arguments as JSON. */
export class NamedCallReader implements CallReader {
  readonly #sink: CallSink;
  readonly #options: NamedCallReaderOptions;
  #phase: 'head' | 'arguments' | 'close' = 'head';
  #head = '';
  #scanner = new JsonValueScanner();
  #closing: LiteralMatcher;
  #begun = false;
  #delta = '';
  rest: string;

  constructor(sink: CallSink, options: NamedCallReaderOptions) {
    this.#sink = sink;
    this.#options = options;
    this.#closing = this.#newClosing();
    this.rest = options.opened;
  }

  push(text: string): 'more' | 'done' | 'failed' {
    for (let at = 0; at < text.length; at++) {
      this.rest += text.charAt(at);
      const state = this.#take(text.charAt(at));
      if (state === 'more') continue;
      this.rest += text.slice(at + 1);
      return state;
    }
    this.#flush();
    return 'more';
  }

  finish(): 'done' | 'failed' {
    if (this.#phase === 'head') return 'failed';
    if (this.#phase === 'arguments') this.#end();
    this.rest = '';
    return 'done';
  }

  #take(char: string): 'more' | 'done' | 'failed' {
    if (this.#phase === 'head') return this.#takeOfHead(char);
    if (this.#phase === 'close') return this.#takeOfClose(char);
    if (!this.#begun && /\s/.test(char)) return 'more';
    this.#begun = true;
    const reading = this.#scanner.push(char);
    if (reading !== 'past') this.#delta += char;
    if (reading === 'more') return 'more';
    this.#end();
    this.rest = reading === 'past' ? char : '';
    this.#phase = 'close';
    return reading === 'past' ? this.#takeOfClose(char) : this.#options.close === '' ? this.#finished() : 'more';
  }

  #takeOfHead(char: string): 'more' | 'failed' {
    this.#head += char;
    const { beforeArguments, beforeId } = this.#options;
    const end = this.#head.indexOf(beforeArguments);
    if (end < 0) return 'more';
    // Where the literal is space, the arguments' first bracket says that it has been read.
    if (beforeArguments === '' && char !== '{') return 'more';
    const [name = '', id] = (beforeArguments === '' ? this.#head.slice(0, -1) : this.#head.slice(0, end)).split(beforeId || '\0').map((part) => part.trim());
    if (!/^[\w.-]+$/.test(name)) return 'failed';
    this.#sink.start(name, id);
    this.#phase = 'arguments';
    this.#scanner = new JsonValueScanner();
    this.#begun = false;
    this.#head = '';
    if (beforeArguments === '') this.#take(char);
    return 'more';
  }

  #takeOfClose(char: string): 'more' | 'done' | 'failed' {
    const { close, separator } = this.#options;
    if (close === '') return this.#finished();
    const state = this.#closing.push(char);
    if (typeof state === 'string') return state;
    if (state.found === close) return this.#finished();
    this.#phase = 'head';
    this.#closing = this.#newClosing();
    this.rest = separator;
    return 'more';
  }

  #finished(): 'done' {
    if (this.#options.close !== '') this.rest = '';
    return 'done';
  }

  #newClosing(): LiteralMatcher {
    return new LiteralMatcher([this.#options.close, this.#options.separator]);
  }

  #flush(): void {
    if (this.#delta !== '') this.#sink.arguments(this.#delta);
    this.#delta = '';
  }

  #end(): void {
    this.#flush();
    this.#sink.end();
  }
}
