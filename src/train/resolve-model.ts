/** From what a person types for a model to a directory in the Hugging Face layout. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { R5Error } from '../error.ts';
import { latestCheckpoint } from '../run/checkpoint-folder.ts';
import { openRun, runNames } from '../run/run-folder.ts';

export const EMBEDDED_MODEL = 'r5-tiny';

/** Where the embedded model lies, in the repository and in the published package alike. */
const modelsDirectory = fileURLToPath(new URL('../../models/', import.meta.url));

/**
 * `r5-tiny`, the path of a model directory, or a run (folder, name or id: its newest checkpoint). Throws R5Error for anything else.
 */
export async function resolveModel(wanted: string, runsDirectory: string): Promise<string> {
  if (wanted === EMBEDDED_MODEL) return join(modelsDirectory, EMBEDDED_MODEL);
  const path = resolve(wanted);
  const isRunFolder = existsSync(join(path, 'checkpoints'));
  if (existsSync(path) && !isRunFolder) return path;
  if (!isRunFolder && !runNames(runsDirectory).some((name) => name === wanted || name.includes(wanted))) {
    throw new R5Error(`There is no model '${wanted}': it is no directory, no run in ${runsDirectory}, and not the embedded ${EMBEDDED_MODEL}.`);
  }
  const run = openRun(wanted, runsDirectory);
  const checkpoint = await latestCheckpoint(run);
  if (!checkpoint) throw new R5Error(`The run ${run.name} has no checkpoint yet, so there is no model to take from it.`);
  return checkpoint.directory;
}
