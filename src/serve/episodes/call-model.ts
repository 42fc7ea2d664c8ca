import type { ChatEvent, ChatModel, ChatRequest } from '../../chat/chat-request.ts';
import type { OpenEpisode } from './open-episode.ts';

/** Asks the model, and records the call where it belongs to an episode. */
export function callModel(model: ChatModel, request: ChatRequest, episode: OpenEpisode | undefined): AsyncIterable<ChatEvent> {
  return episode ? episode.stream(model, request) : model.stream(request);
}
