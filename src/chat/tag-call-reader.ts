import type { ChatTool } from '../chat-message.ts';
import type { CallReader, CallSink } from './call-reader.ts';
import { isRecord, parsedJson } from './parsed-json.ts';
import type { ToolCallFormat } from './tool-call-format.ts';

export interface TagCallReaderOptions {
  opened: string;
  close: string;
  tags: NonNullable<ToolCallFormat['tags']>;
  /** Their parameters say which values are texts. */
  tools: readonly ChatTool[];
}

/** Reads a call with a tag for each argument. Values come as plain text, so the call is told of once all of it is there. */
export class TagCallReader implements CallReader {
  readonly #sink: CallSink;
  readonly #options: TagCallReaderOptions;
  #body = '';
  rest: string;

  constructor(sink: CallSink, options: TagCallReaderOptions) {
    this.#sink = sink;
    this.#options = options;
    this.rest = options.opened;
  }

  push(text: string): 'more' | 'done' | 'failed' {
    const { close, opened } = this.#options;
    this.#body += text;
    this.rest = opened + this.#body;
    const end = this.#body.indexOf(close);
    if (end < 0) return 'more';
    const call = this.#read(this.#body.slice(0, end));
    if (!call) return 'failed';
    this.rest = this.#body.slice(end + close.length);
    this.#sink.start(call.name);
    this.#sink.arguments(JSON.stringify(call.given));
    this.#sink.end();
    return 'done';
  }

  finish(): 'failed' {
    return 'failed';
  }

  #read(body: string): { name: string; given: Record<string, unknown> } | undefined {
    const { tags: { beforeKey, betweenKeyAndValue, afterValue } } = this.#options;
    const name = /^\s*([\w.-]+)/.exec(body)?.[1];
    if (name === undefined) return undefined;
    const given: Record<string, unknown> = {};
    for (let at = body.indexOf(name) + name.length; ; ) {
      const start = body.indexOf(beforeKey, at);
      if (start < 0) return { name, given };
      const middle = body.indexOf(betweenKeyAndValue, start + beforeKey.length);
      const end = body.indexOf(afterValue, middle + betweenKeyAndValue.length);
      if (middle < 0 || end < 0) return undefined;
      const key = body.slice(start + beforeKey.length, middle).trim();
      given[key] = this.#value(name, key, body.slice(middle + betweenKeyAndValue.length, end).replace(/^\n|\n$/g, ''));
      // What closes a value can begin what stands before the next key.
      at = end;
    }
  }

  #value(tool: string, key: string, text: string): unknown {
    const properties = this.#options.tools.find(({ function: { name } }) => name === tool)?.function.parameters?.properties;
    const schema = isRecord(properties) ? properties[key] : undefined;
    if (isRecord(schema) && schema.type === 'string') return text;
    const value = parsedJson(text.trim());
    return value === undefined ? text : value;
  }
}
