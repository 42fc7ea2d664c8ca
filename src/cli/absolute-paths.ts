/** Tasks and models as they go into a run's settings: so that the run can be resumed from any folder, and always from the same model. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { isEmbeddedModel, resolveModel } from '../train/resolve-model.ts';

/** A task file by its absolute path; a built-in task by its name. */
export function settledTask(nameOrPath: string): string {
  return /[\\/]|\.[cm]?[jt]s$/.test(nameOrPath) ? resolve(nameOrPath) : nameOrPath;
}

/** An embedded model by its name; a directory by its absolute path; a run by the checkpoint that is its newest now. */
export async function settledModel(wanted: string, runsDirectory: string): Promise<string> {
  return isEmbeddedModel(wanted) ? wanted : resolveModel(wanted, runsDirectory);
}

/** Data on this machine by its absolute path; a name on the hub as it is. */
export function settledData(data: string | undefined): { data?: string } {
  if (data === undefined) return {};
  return { data: existsSync(data) ? resolve(data) : data };
}
