/** The model that makes vectors of texts, from what was typed: `--embeddings <model> [--embeddings-url <address>]`. */
import { z } from 'zod';
import { R5Error } from '../error.ts';
import type { Embedder } from '../research/documents/embeddings.ts';

export const embeddingOptions = {
  embeddings: z.string().min(1).optional().describe('also make vectors, to search by meaning: a model of the hub (needs @huggingface/transformers), or of --embeddings-url'),
  embeddingsUrl: z.url().optional().describe('an OpenAI-compatible server that makes the vectors, up to and with /v1; its key in R5_EMBEDDINGS_KEY'),
};

/** Undefined where none was asked for. Throws R5Error. */
export async function openEmbedder(model: string | undefined, url: string | undefined): Promise<Embedder | undefined> {
  if (model === undefined) {
    if (url !== undefined) throw new R5Error('--embeddings-url needs the name of a model: --embeddings <model>.');
    return undefined;
  }
  const { endpointEmbedder, transformersEmbedder } = await import('../research/documents/embeddings.ts');
  return url === undefined ? transformersEmbedder(model) : endpointEmbedder({ url, model, key: process.env['R5_EMBEDDINGS_KEY'] });
}
