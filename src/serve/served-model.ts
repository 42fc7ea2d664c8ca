/** What a server serves. */
import { openChatModel } from '../chat/chat-model.ts';
import type { ChatModel } from '../chat/chat-request.ts';
import type { Engine } from '../engine/engine.ts';
import type { Tokenizer } from '../model/tokenizer.ts';
import { ApiError } from './api-error.ts';

export interface ServedModel {
  /** Name by which clients ask for it. */
  name: string;
  engine: Pick<Engine, 'generate' | 'contextLength' | 'vocabularySize' | 'endTokens'>;
  tokenizer: Tokenizer;
  chat: ChatModel;
}

/** A model to serve under this name. */
export function servedModel(name: string, { engine, tokenizer }: Pick<ServedModel, 'engine' | 'tokenizer'>): ServedModel {
  return { name, engine, tokenizer, chat: openChatModel({ engine, tokenizer, name }) };
}

/** Whether it takes messages: one without a chat template only writes texts on. */
export const takesMessages = ({ tokenizer }: ServedModel): boolean => tokenizer.chatTemplate !== undefined;

/** Throws the 404 for a request that asks for another model. */
export function checkModelName(asked: string | undefined, { name }: Pick<ServedModel, 'name'>): void {
  if (asked === undefined || asked === name) return;
  throw new ApiError(404, `The model '${asked.slice(0, 200)}' does not exist here; this server has '${name}'.`, { param: 'model', code: 'model_not_found' });
}

/** Throws where there is no chat template. */
export function chatModelOf(model: ServedModel): ChatModel {
  if (takesMessages(model)) return model.chat;
  throw new ApiError(400, `The model '${model.name}' has no chat template, so it takes no messages; send a text to /v1/completions.`, { param: 'messages', code: 'no_chat_template' });
}
