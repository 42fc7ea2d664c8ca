/** The items of a response while they are written, and the events that tell of each step. */
import { randomBytes } from 'node:crypto';
import type { ShownLogprob } from '../chat/logprobs.ts';

/** An event without its number in the stream. */
export interface OutputEvent {
  type: string;
  [field: string]: unknown;
}

export type OutputItem = Record<string, unknown> & { id: string; type: string };

interface OpenItem {
  index: number;
  /** As it is now; it grows. */
  item: OutputItem;
  text: string;
  logprobs: ShownLogprob[];
}

type TextKind = 'reasoning' | 'message';

const PREFIX = { reasoning: 'rs', message: 'msg', function_call: 'fc' } as const;

export const newId = (prefix: string): string => `${prefix}_${randomBytes(16).toString('hex')}`;

export class OutputItems {
  readonly #items: OutputItem[] = [];
  #text: (OpenItem & { kind: TextKind }) | undefined;
  readonly #calls = new Map<number, OpenItem>();

  /** Those that are whole, in order. */
  get items(): readonly OutputItem[] {
    return this.#items;
  }

  /** More of the reasoning or of the answer. */
  *write(kind: TextKind, delta: string, logprobs: readonly ShownLogprob[] = []): Generator<OutputEvent> {
    if (this.#text?.kind !== kind) {
      yield* this.closeText();
      yield* this.#openText(kind);
    }
    const open = this.#text;
    if (!open) throw new Error('an item has just been opened');
    open.text += delta;
    open.logprobs.push(...logprobs);
    const type = kind === 'reasoning' ? 'response.reasoning_text.delta' : 'response.output_text.delta';
    yield { type, ...place(open), content_index: 0, delta, ...(kind === 'message' ? { logprobs } : {}) };
  }

  *openCall(call: number, callId: string, name: string): Generator<OutputEvent> {
    yield* this.closeText();
    const item: OutputItem = { id: newId(PREFIX.function_call), type: 'function_call', status: 'in_progress', call_id: callId, name, arguments: '' };
    const open = this.#add(item);
    this.#calls.set(call, open);
    yield { type: 'response.output_item.added', output_index: open.index, item: { ...item } };
  }

  *writeCall(call: number, delta: string): Generator<OutputEvent> {
    const open = this.#call(call);
    open.text += delta;
    yield { type: 'response.function_call_arguments.delta', ...place(open), delta };
  }

  *closeCall(call: number, status: string): Generator<OutputEvent> {
    const open = this.#call(call);
    this.#calls.delete(call);
    Object.assign(open.item, { arguments: open.text, status });
    yield { type: 'response.function_call_arguments.done', ...place(open), arguments: open.text };
    yield { type: 'response.output_item.done', output_index: open.index, item: { ...open.item } };
  }

  *closeText(status = 'completed'): Generator<OutputEvent> {
    const open = this.#text;
    if (!open) return;
    this.#text = undefined;
    const part = partOf(open.kind, open.text, open.logprobs);
    Object.assign(open.item, { content: [part], status });
    const at = { ...place(open), content_index: 0 };
    if (open.kind === 'reasoning') yield { type: 'response.reasoning_text.done', ...at, text: open.text };
    else yield { type: 'response.output_text.done', ...at, text: open.text, logprobs: open.logprobs };
    yield { type: 'response.content_part.done', ...at, part };
    yield { type: 'response.output_item.done', output_index: open.index, item: { ...open.item } };
  }

  /** Ends what is open. A response without anything in it gets an empty message. */
  *closeAll(status: string): Generator<OutputEvent> {
    yield* this.closeText(status);
    for (const call of this.#calls.keys()) yield* this.closeCall(call, status);
    if (this.#items.length > 0) return;
    yield* this.#openText('message');
    yield* this.closeText(status);
  }

  *#openText(kind: TextKind): Generator<OutputEvent> {
    const rest = kind === 'reasoning' ? { summary: [] } : { role: 'assistant' };
    const item: OutputItem = { id: newId(PREFIX[kind]), type: kind, status: 'in_progress', ...rest, content: [] };
    const open = { ...this.#add(item), kind };
    this.#text = open;
    yield { type: 'response.output_item.added', output_index: open.index, item: { ...item } };
    yield { type: 'response.content_part.added', ...place(open), content_index: 0, part: partOf(kind, '', []) };
  }

  #add(item: OutputItem): OpenItem {
    this.#items.push(item);
    return { index: this.#items.length - 1, item, text: '', logprobs: [] };
  }

  #call(call: number): OpenItem {
    const open = this.#calls.get(call);
    if (!open) throw new Error(`call ${call} is written before it was begun, or after its end`);
    return open;
  }
}

const place = ({ index, item }: OpenItem): { item_id: string; output_index: number } => ({ item_id: item.id, output_index: index });

function partOf(kind: TextKind, text: string, logprobs: readonly ShownLogprob[]): Record<string, unknown> {
  return kind === 'reasoning' ? { type: 'reasoning_text', text } : { type: 'output_text', text, annotations: [], logprobs };
}
