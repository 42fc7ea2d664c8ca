/** Which task a model was trained on, as its folder says: a checkpoint of a run by the run, an exported model by a file of its own. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { resolveModel } from './resolve-model.ts';

/** Beside the weights of an exported model. */
export const TRAINING_NOTE = 'r5.json';

const noteSchema = z.looseObject({ task: z.string() });

/** The task's name; undefined where nothing is said. Throws R5Error for a note that cannot be read. */
export function trainedTask(directory: string): string | undefined {
  const note = [join(directory, TRAINING_NOTE), join(directory, '..', '..', 'config.json')].find((path, i) => existsSync(path) && (i === 0 || existsSync(join(directory, 'manifest.json'))));
  if (note === undefined) return undefined;
  try {
    return noteSchema.parse(JSON.parse(readFileSync(note, 'utf8'))).task.replace(/^sft-/, '');
  } catch (cause) {
    throw new R5Error(`${note} does not say which task the model was trained on: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Whether a model, by the name that a person types, was trained on `research` or a task of one's own that `researchTask` made (`research-...`). */
export async function trainedForResearch(wanted: string, runsDirectory = 'runs'): Promise<boolean> {
  return /^research(?:-|$)/.test(trainedTask(await resolveModel(wanted, runsDirectory)) ?? '');
}
