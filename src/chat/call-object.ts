/** Reads one call that is a JSON object, `{"name": ..., "arguments": {...}}`, and passes its arguments on while they come. */
import type { CallSink } from './call-reader.ts';
import { JsonValueScanner } from './json-value-scanner.ts';
import { isRecord, parsedJson } from './parsed-json.ts';

const ARGUMENT_KEYS: readonly string[] = ['arguments', 'parameters'];

export interface CallObjectOptions {
  /** Nothing is said of the call before all of it is there, because its id comes last. */
  holds: boolean;
  /** Names that can be called; undefined: any. */
  names: readonly string[] | undefined;
}

export class CallObject {
  readonly #sink: CallSink;
  readonly #options: CallObjectOptions;
  #state: 'key' | 'in-key' | 'colon' | 'value' | 'in-value' | 'comma' = 'key';
  #key = '';
  #value = '';
  #scanner = new JsonValueScanner();
  #name: string | undefined;
  #id: string | undefined;
  #arguments: string | undefined;
  #streams = false;
  #delta = '';
  started = false;

  constructor(sink: CallSink, options: CallObjectOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  /** Takes what follows the opening brace. */
  push(char: string): 'more' | 'done' | 'failed' {
    if (this.#state === 'in-value') return this.#inValue(char);
    if (this.#state === 'in-key') return this.#inKey(char);
    if (/\s/.test(char)) return 'more';
    if (this.#state === 'value') return this.#beginValue(char);
    if (char === '}' && (this.#state === 'comma' || this.#state === 'key')) return this.#close();
    const wanted = { key: '"', colon: ':', comma: ',' }[this.#state];
    if (char !== wanted) return 'failed';
    if (this.#state === 'key') this.#key = '"';
    this.#state = this.#state === 'key' ? 'in-key' : this.#state === 'colon' ? 'value' : 'key';
    return 'more';
  }

  /** Passes on what has come of the arguments. */
  flush(): void {
    if (this.#delta !== '') this.#sink.arguments(this.#delta);
    this.#delta = '';
  }

  /** Ends a call that has started and will not be completed. */
  abandon(): void {
    this.flush();
    this.#sink.end();
  }

  #inKey(char: string): 'more' | 'failed' {
    this.#key += char;
    const key = char === '"' ? parsedJson(this.#key) : undefined;
    if (typeof key !== 'string') return 'more';
    this.#key = key;
    this.#state = 'colon';
    return 'more';
  }

  #beginValue(char: string): 'more' | 'done' | 'failed' {
    this.#state = 'in-value';
    this.#value = '';
    this.#scanner = new JsonValueScanner();
    if (ARGUMENT_KEYS.includes(this.#key) && char === '{' && this.#name !== undefined && !this.#options.holds) {
      if (!this.#start()) return 'failed';
      this.#streams = true;
    }
    return this.#inValue(char);
  }

  #inValue(char: string): 'more' | 'done' | 'failed' {
    const reading = this.#scanner.push(char);
    if (reading !== 'past') {
      if (this.#streams) this.#delta += char;
      else this.#value += char;
    }
    if (reading === 'more') return 'more';
    this.#state = 'comma';
    if (this.#streams) this.#streams = false;
    else if (!this.#take()) return 'failed';
    return reading === 'past' ? this.push(char) : 'more';
  }

  /** Keeps what the call needs of a value that has ended. */
  #take(): boolean {
    if (ARGUMENT_KEYS.includes(this.#key)) this.#arguments = this.#value;
    if (this.#key !== 'name' && this.#key !== 'id' && this.#key !== 'function') return true;
    const value = parsedJson(this.#value);
    if (this.#key === 'id') this.#id = typeof value === 'string' ? value : undefined;
    if (this.#key === 'name') {
      if (typeof value !== 'string' || value === '') return false;
      this.#name = value;
    }
    if (this.#key === 'function' && isRecord(value) && typeof value.name === 'string') {
      this.#name = value.name;
      this.#arguments = JSON.stringify(value.arguments ?? value.parameters ?? {});
    }
    return true;
  }

  #start(): boolean {
    const { names } = this.#options;
    if (this.#name === undefined || (names && !names.includes(this.#name))) return false;
    this.#sink.start(this.#name, this.#id);
    this.started = true;
    return true;
  }

  #close(): 'done' | 'failed' {
    if (!this.started) {
      if (!this.#start()) return 'failed';
      this.#delta = argumentsText(this.#arguments);
    }
    this.abandon();
    return 'done';
  }
}

/** Some models write the arguments as a text that holds JSON, or null for none. */
function argumentsText(written: string | undefined): string {
  const value = written === undefined ? null : parsedJson(written);
  if (value === null) return '{}';
  return typeof value === 'string' ? value : (written ?? '{}');
}
