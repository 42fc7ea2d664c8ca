/** r5's models for the AI SDK: `generateText({ model: r5('my-run'), ... })`. They run in this process. */
import { NoSuchModelError } from '@ai-sdk/provider';
import type { EmbeddingModelV4, ImageModelV4, LanguageModelV4, ProviderV4 } from '@ai-sdk/provider';
import { ChatLanguageModel } from '../agent/ai-sdk/chat-language-model.ts';
import { openChatModel } from '../chat/chat-model.ts';
import type { ChatModel } from '../chat/chat-request.ts';
import { openModel, type OpenModelSettings } from './open-model.ts';

export interface R5ProviderSettings extends OpenModelSettings {
  /** Where runs are looked for. Default `runs`. */
  runsDirectory?: string;
}

export interface R5Provider extends ProviderV4 {
  /** `r5-tiny`, a model directory, a run (folder, name or id: its newest checkpoint), or a model of the Hugging Face hub. */
  (model: string): LanguageModelV4;
  /** Lets go of the memory of all models that were opened; a later call opens anew. */
  release(): Promise<void>;
}

interface Opened {
  chat: ChatModel;
  release: () => Promise<void>;
}

/** A provider with settings of its own. A model is opened with its first call, and once for all that name it. */
export function createR5({ runsDirectory = 'runs', ...settings }: R5ProviderSettings = {}): R5Provider {
  const opened = new Map<string, Promise<Opened>>();
  const open = (wanted: string): Promise<Opened> => {
    const known = opened.get(wanted);
    if (known) return known;
    const opening = openChat(wanted, runsDirectory, settings);
    opened.set(wanted, opening);
    // What failed may be there the next time; the caller is told of the failure.
    opening.catch(() => opened.delete(wanted));
    return opening;
  };
  const languageModel = (wanted: string): LanguageModelV4 => new ChatLanguageModel(wanted, async () => (await open(wanted)).chat);
  return Object.assign((wanted: string) => languageModel(wanted), {
    specificationVersion: 'v4' as const,
    languageModel,
    embeddingModel: (modelId: string): EmbeddingModelV4 => {
      throw new NoSuchModelError({ modelId, modelType: 'embeddingModel' });
    },
    imageModel: (modelId: string): ImageModelV4 => {
      throw new NoSuchModelError({ modelId, modelType: 'imageModel' });
    },
    release: async () => {
      const models = await Promise.allSettled(opened.values());
      opened.clear();
      await Promise.all(models.map((model) => (model.status === 'fulfilled' ? model.value.release() : undefined)));
    },
  });
}

/** Models of r5 by name, with default settings. */
export const r5: R5Provider = createR5();

async function openChat(wanted: string, runsDirectory: string, settings: OpenModelSettings): Promise<Opened> {
  const { engine, tokenizer } = await openModel(wanted, runsDirectory, settings);
  return { chat: openChatModel({ engine, tokenizer, name: wanted }), release: () => engine.release() };
}
