/** Texts as vectors, by a model that another program serves or that runs here. The vectors are of length 1. */
import { z } from 'zod';
import { R5Error } from '../../error.ts';
import { requestJson } from '../sources/source-http.ts';

export interface Embedder {
  /** The model, as vectors of different models must not be compared. */
  readonly model: string;
  /** One vector for each text. */
  embed(texts: readonly string[], kind: 'question' | 'passage', options: { signal: AbortSignal }): Promise<Float32Array[]>;
}

const answerSchema = z.object({ data: z.array(z.object({ index: z.number().int(), embedding: z.array(z.number()) })) });

export interface EmbeddingEndpoint {
  /** Up to and with `/v1`. */
  url: string;
  model: string;
  /** Sent as a bearer token. */
  key?: string | undefined;
}

/** An OpenAI-compatible endpoint: `<url>/embeddings`. */
export function endpointEmbedder({ url, model, key }: EmbeddingEndpoint): Embedder {
  const address = `${url.replace(/\/+$/, '')}/embeddings`;
  // The user named this server; it may be on this machine.
  const host = URL.parse(url)?.host;
  const allowPrivate = host === undefined ? [] : [host];
  return {
    model,
    async embed(texts, _kind, { signal }) {
      const { data } = await requestJson(
        { source: 'embeddings', url: address, method: 'POST', body: { model, input: texts, encoding_format: 'float' }, ...(key !== undefined && { headers: { authorization: `Bearer ${key}` }, secrets: [key] }) },
        answerSchema,
        { signal, allowPrivate },
      );
      return data.toSorted((left, right) => left.index - right.index).map(({ embedding }) => normalized(Float32Array.from(embedding)));
    },
  };
}

const pipelineSchema = z.object({ pipeline: z.custom<(task: string, model: string) => Promise<unknown>>((value) => typeof value === 'function') });
const tensorSchema = z.object({ dims: z.tuple([z.number(), z.number()]), data: z.instanceof(Float32Array) });

/**
 * A model of the hub that runs in this process, through `@huggingface/transformers`, which r5 does not install by itself. Models of the E5 family
 * are told whether a text is a question or a passage, as they were trained to.
 */
export async function transformersEmbedder(model: string): Promise<Embedder> {
  const name = '@huggingface/transformers';
  let library: unknown;
  try {
    library = await import(name);
  } catch (cause) {
    throw new R5Error(`Embeddings on this machine need ${name}. Install it with: npm install ${name}. Or give the address of an OpenAI-compatible server instead.`, { cause });
  }
  const extract = await pipelineSchema.parse(library).pipeline('feature-extraction', model);
  if (typeof extract !== 'function') throw new R5Error(`${name} made no function of the model ${model}; a model for feature extraction is needed.`);
  const isE5 = /(?:^|[/-])e5(?:-|$)/i.test(model);
  return {
    model,
    async embed(texts, kind, { signal }) {
      signal.throwIfAborted();
      const prefix = isE5 ? (kind === 'question' ? 'query: ' : 'passage: ') : '';
      const { dims: [rows, columns], data } = tensorSchema.parse(await extract(texts.map((text) => prefix + text), { pooling: 'mean', normalize: true }));
      return Array.from({ length: rows }, (_, row) => normalized(data.slice(row * columns, (row + 1) * columns)));
    },
  };
}

function normalized(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}
