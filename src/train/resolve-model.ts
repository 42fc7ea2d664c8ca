/** From what a person types for a model to a directory in the Hugging Face layout. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { R5Error } from '../error.ts';
import { closestName } from '../near-names.ts';
import { HubRefusal, HubUnreachable } from '../hub/hub-request.ts';
import { fetchModel } from '../hub/model.ts';
import type { OnHubProgress } from '../hub/progress.ts';
import { parseRepository } from '../hub/repository.ts';
import { latestCheckpoint } from '../run/checkpoint-folder.ts';
import { openRun, runNames } from '../run/run-folder.ts';

/** The models that come with r5, the default first. */
const EMBEDDED_MODELS: readonly string[] = ['r5-tiny', 'r5-tiny-search', 'r5-tiny-research', 'r5-tiny-research-base'];

/** Whether this is the name of a model that comes with r5. */
export const isEmbeddedModel = (name: string): boolean => EMBEDDED_MODELS.includes(name);

/** Where the embedded models lie, in the repository and in the published package alike. */
const modelsDirectory = fileURLToPath(new URL('../../models/', import.meta.url));

export interface ResolveModelOptions {
  /** Told of a download from the hub. */
  onProgress?: OnHubProgress | undefined;
}

/**
 * An embedded model (`r5-tiny` and its like), the path of a model directory, a run (folder, name or id: its newest checkpoint), or a model of the Hugging Face hub
 * (`owner/name`, `owner/name@revision`), which is downloaded where the cache lacks it. A path that exists wins.
 * Throws R5Error for anything else.
 */
export async function resolveModel(wanted: string, runsDirectory: string, { onProgress }: ResolveModelOptions = {}): Promise<string> {
  if (isEmbeddedModel(wanted)) return join(modelsDirectory, wanted);
  const path = resolve(wanted);
  const isRunFolder = existsSync(join(path, 'checkpoints'));
  if (existsSync(path) && !isRunFolder) return path;
  if (isRunFolder || runNames(runsDirectory).some((name) => name === wanted || name.includes(wanted))) return checkpointOf(wanted, runsDirectory);
  const repository = parseRepository('model', wanted);
  const nothingHere = `it is no directory, no run in ${runsDirectory}, and none of the embedded ${EMBEDDED_MODELS.join(', ')}`;
  if (!repository) {
    const meant = closestName(wanted, [...EMBEDDED_MODELS, ...runNames(runsDirectory)]);
    throw new R5Error(`There is no model '${wanted}': ${nothingHere}. ${meant === undefined ? 'A model of the hub has the form owner/name.' : `Did you mean ${meant}?`}`);
  }
  try {
    return await fetchModel(repository, { onProgress });
  } catch (error) {
    if (!(error instanceof HubRefusal || error instanceof HubUnreachable)) throw error;
    throw new R5Error(`There is no model '${wanted}' here: ${nothingHere}. ${error.message}`, { cause: error });
  }
}

async function checkpointOf(wanted: string, runsDirectory: string): Promise<string> {
  const run = openRun(wanted, runsDirectory);
  const checkpoint = await latestCheckpoint(run);
  if (!checkpoint) throw new R5Error(`The run ${run.name} has no checkpoint yet, so there is no model to take from it.`);
  return checkpoint.directory;
}
