/** Models of the hub: the files that r5 needs of one, and none of the copies in other formats that repositories carry. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { fileError } from './file-error.ts';
import { hubSettings, type HubSettings } from './hub-settings.ts';
import { repositoryListing, type Listing } from './listing.ts';
import type { HubFile } from './tree-cache.ts';
import { toldProgress, type OnHubProgress } from './progress.ts';
import { shownRepository, type Repository } from './repository.ts';
import { fetchFiles } from './snapshot.ts';

export interface FetchOptions {
  onProgress?: OnHubProgress | undefined;
  settings?: HubSettings;
}

const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
const ADAPTER = 'adapter_model.safetensors';

/** What stands beside the weights: configuration, tokenizer, chat templates. */
const COMPANIONS = new Set([
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
  'tokenizer.model',
  'chat_template.jinja',
  'chat_template.json',
  'adapter_config.json',
]);

const isCompanion = ({ path }: HubFile): boolean => COMPANIONS.has(path) || /^additional_chat_templates\/[^/]+\.jinja$/.test(path);

/**
 * The model's folder in the cache, downloaded where it is missing: configuration, tokenizer, weights as safetensors (or a LoRA adapter's).
 * Throws R5Error for a repository without such weights, and for what repositoryListing and fetchFiles throw.
 */
export async function fetchModel(repository: Repository, { onProgress, settings = hubSettings() }: FetchOptions = {}): Promise<string> {
  const tell = toldProgress(onProgress);
  const listing = await repositoryListing(repository, settings, tell);
  const companions = listing.files.filter(isCompanion);
  const weights = await weightFiles(listing, settings, tell);
  return fetchFiles(listing, [...companions, ...weights], settings, tell);
}

async function weightFiles(listing: Listing, settings: HubSettings, tell: OnHubProgress): Promise<HubFile[]> {
  const byPath = new Map(listing.files.map((file) => [file.path, file]));
  const single = byPath.get(SINGLE);
  if (single) return [single];
  const index = byPath.get(INDEX);
  if (!index) {
    const adapter = byPath.get(ADAPTER);
    if (adapter) return [adapter];
    throw noWeights(listing);
  }
  const path = join(await fetchFiles(listing, [index], settings, tell), INDEX);
  const shards = (await shardNames(path)).map((name) => {
    const shard = byPath.get(name);
    if (!shard) {
      const where = listing.offline ? 'the cache does not hold it; connect and run the command again' : 'the repository does not hold it';
      throw new R5Error(`${INDEX} of ${shownRepository(listing.repository)} names ${name}, but ${where}.`);
    }
    return shard;
  });
  return [index, ...shards];
}

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

async function shardNames(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileError('read', path, error);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new R5Error(`${path} is not valid JSON: ${error.message}.`, { cause: error });
  }
  const index = indexSchema.safeParse(value);
  if (!index.success) throw new R5Error(`${path} does not say under 'weight_map' which file holds which weight.`);
  return [...new Set(Object.values(index.data.weight_map))];
}

function noWeights({ repository, files }: Listing): R5Error {
  const shown = shownRepository(repository);
  const others = [...new Set(files.map(({ path }) => /\.(gguf|bin|onnx|pt|pth|h5|msgpack|safetensors)$/.exec(path)?.[1]).filter((ending) => ending !== undefined))];
  const held = others.length === 0 ? 'it holds no weights at all' : `it holds weights as ${others.map((ending) => `.${ending}`).join(', ')}`;
  return new R5Error(`${shown} has no ${SINGLE}, which r5 reads: ${held}. Look for the original model, or a revision in safetensors (name@revision).`);
}
