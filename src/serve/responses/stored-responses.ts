/** Earlier responses, so that the next request can go on from one (`previous_response_id`) or name an item of one. Kept in memory, the oldest forgotten first. */
import type { ChatMessage } from '../../chat-message.ts';
import { ApiError } from '../api-error.ts';
import { inputItemSchema, type InputItem, type PlainItem } from './input-items.ts';

export interface StoredResponse {
  /** As it was given. */
  body: Record<string, unknown> & { id: string; output: readonly (Record<string, unknown> & { id: string })[] };
  /** The conversation up to and with this answer, without instructions. */
  messages: readonly ChatMessage[];
}

interface Kept extends StoredResponse {
  size: number;
}

const MOST_CHARACTERS = 64 * 1024 * 1024;

export class StoredResponses {
  readonly #responses = new Map<string, Kept>();
  readonly #items = new Map<string, PlainItem>();
  #size = 0;

  add(response: StoredResponse): void {
    const size = JSON.stringify(response.messages).length;
    this.#responses.set(response.body.id, { ...response, size });
    this.#size += size;
    for (const item of response.body.output) {
      const plain = inputItemSchema.parse(item);
      if (plain.type !== 'item_reference') this.#items.set(item.id, plain);
    }
    this.#forgetOldest();
  }

  /** Throws the 404 that OpenAI gives. */
  get(id: string, param?: string): StoredResponse {
    const found = this.#responses.get(id);
    if (found) return found;
    throw new ApiError(param === undefined ? 404 : 400, `The response '${id.slice(0, 100)}' is not here: it was never made, not stored, or forgotten.`, {
      param,
      code: param === undefined ? 'response_not_found' : 'previous_response_not_found',
    });
  }

  /** Items with references to earlier ones replaced by these. */
  resolve(items: readonly InputItem[]): PlainItem[] {
    return items.map((item, i) => {
      if (item.type !== 'item_reference') return item;
      const found = this.#items.get(item.id);
      if (found) return found;
      throw new ApiError(400, `The item '${item.id.slice(0, 100)}' is not here; send the item itself.`, { param: `input[${i}]`, code: 'item_not_found' });
    });
  }

  #forgetOldest(): void {
    for (const [id, { size, body }] of this.#responses) {
      if (this.#size <= MOST_CHARACTERS || this.#responses.size === 1) return;
      this.#responses.delete(id);
      this.#size -= size;
      for (const item of body.output) this.#items.delete(item.id);
    }
  }
}
