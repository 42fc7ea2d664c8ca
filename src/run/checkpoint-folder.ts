/**
 * Checkpoints of a run, `checkpoints/step-N/`: written aside, sealed with a manifest of sizes and hashes, forced to the disk, and only
 * then renamed, so that a crash at any moment leaves the one before whole.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { R5Error } from '../error.ts';
import { makeFolders, removeRest, syncToDisk } from './durable-file.ts';
import { fileError, systemCode } from './file-error.ts';
import { checkManifest, writeManifest } from './manifest.ts';
import { checkpointsPath, type Run } from './run-folder.ts';

type RunDirectory = Pick<Run, 'directory'>;

/** A checkpoint that is not used, and why. */
export interface SkippedCheckpoint {
  directory: string;
  reason: string;
}

export interface Checkpoint {
  step: number;
  directory: string;
}

export interface LatestCheckpoint extends Checkpoint {
  /** Newer ones that are damaged, newest first. */
  skipped: SkippedCheckpoint[];
}

/**
 * Writes a checkpoint of `step`: `write` fills the empty folder that it is given. One of the same step is replaced once the new one is
 * whole. Resolves to the finished folder's path. Call it under the run's lock, one at a time. Throws R5Error for a full disk and the
 * like, and whatever `write` throws; the checkpoints that were there stay.
 */
export async function writeCheckpoint(
  run: RunDirectory,
  step: number,
  write: (temporaryDirectory: string) => Promise<void>,
): Promise<string> {
  if (!Number.isInteger(step) || step < 0) throw new RangeError(`writeCheckpoint: ${step} is not a step`);
  const parent = checkpointsPath(run);
  const replaced = join(parent, `.step-${step}.replaced`);
  const directory = join(parent, `step-${step}`);
  const partial = join(parent, `.step-${step}.partial`);
  try {
    makeFolders(parent);
    clearLeftovers(parent);
    mkdirSync(partial);
    await write(partial);
    await writeManifest(partial, step);
    // A folder cannot be renamed over a full one. Between the two renames the old one is still found, under its aside name.
    if (existsSync(directory)) renameSync(directory, replaced);
    renameSync(partial, directory);
    syncToDisk(parent, 'folder');
  } catch (cause) {
    throw removeRest(partial, fileError(cause, `write the checkpoint ${directory}`));
  }
  removeFolder(replaced);
  return directory;
}

/** Undoes what crashed writes left: half-written folders go, a replaced one whose successor never came is put back. */
function clearLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const match = /^\.(step-\d+)\.(partial|replaced|removed)$/.exec(name);
    const finished = match?.[1];
    if (finished === undefined) continue;
    if (match?.[2] === 'replaced' && !existsSync(join(parent, finished))) renameSync(join(parent, name), join(parent, finished));
    else removeFolder(join(parent, name));
  }
}

/** The run's checkpoints, oldest first, whole or not. Throws R5Error when the folder cannot be read. */
export function listCheckpoints(run: RunDirectory): Checkpoint[] {
  const parent = checkpointsPath(run);
  const byStep = new Map<number, string>();
  for (const name of namesIn(parent)) {
    const match = /^(?:step-(\d+)|\.step-(\d+)\.replaced)$/.exec(name);
    if (match === null) continue;
    const step = Number(match[1] ?? match[2]);
    if (match[1] !== undefined || !byStep.has(step)) byStep.set(step, join(parent, name));
  }
  return [...byStep].map(([step, directory]) => ({ step, directory })).sort((a, b) => a.step - b.step);
}

function namesIn(parent: string): string[] {
  try {
    return readdirSync(parent);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return [];
    throw fileError(cause, `read the folder of checkpoints ${parent}`);
  }
}

/**
 * The newest checkpoint whose files are all there with the sizes and hashes of its manifest, and the newer ones that were passed over.
 * Undefined when the run has no checkpoint. Throws R5Error when it has some and none is whole.
 */
export async function latestCheckpoint(run: RunDirectory): Promise<LatestCheckpoint | undefined> {
  const all = listCheckpoints(run).toReversed();
  const skipped: SkippedCheckpoint[] = [];
  for (const { step, directory } of all) {
    const reason = await checkManifest(directory, step);
    if (reason === undefined) return { step, directory, skipped };
    skipped.push({ directory, reason });
  }
  if (all.length === 0) return undefined;
  const reasons = skipped.map(({ directory, reason }) => `${directory}: ${reason}`);
  const advice = 'Put back a good copy, or start the run again.';
  throw new R5Error(`no checkpoint of ${run.directory} is whole. ${reasons.join('; ')}. ${advice}`);
}

/** Throws R5Error, naming the file, unless `directory` is a whole checkpoint of `step`. */
export async function verifyCheckpoint({ directory, step }: Checkpoint): Promise<void> {
  const reason = await checkManifest(directory, step);
  if (reason === undefined) return;
  throw new R5Error(`the checkpoint ${directory} is damaged: ${reason}. Use another one, or put back a good copy.`);
}

export interface PrunedCheckpoints {
  /** Newest first. */
  kept: Checkpoint[];
  removed: Checkpoint[];
  /** Damaged ones newer than the oldest kept; they are left for you to look at. */
  skipped: SkippedCheckpoint[];
}

/**
 * Removes all but the newest `keep` (at least 1) whole checkpoints. A damaged one does not count as kept, so this never removes the last
 * one that can be resumed from. Call it under the run's lock. Throws R5Error when a folder cannot be removed.
 */
export async function pruneCheckpoints(run: RunDirectory, keep: number): Promise<PrunedCheckpoints> {
  if (!Number.isInteger(keep) || keep < 1) throw new R5Error(`cannot keep ${keep} checkpoints: give a whole number, 1 or more.`);
  const pruned: PrunedCheckpoints = { kept: [], removed: [], skipped: [] };
  for (const checkpoint of listCheckpoints(run).toReversed()) {
    if (pruned.kept.length === keep) {
      removeCheckpoint(checkpoint);
      pruned.removed.push(checkpoint);
      continue;
    }
    const reason = await checkManifest(checkpoint.directory, checkpoint.step);
    if (reason === undefined) pruned.kept.push(checkpoint);
    else pruned.skipped.push({ directory: checkpoint.directory, reason });
  }
  return pruned;
}

/** Renamed first: a crash halfway must not leave something that looks like a checkpoint. */
function removeCheckpoint({ directory, step }: Checkpoint): void {
  const removed = join(directory, '..', `.step-${step}.removed`);
  removeFolder(removed);
  try {
    renameSync(directory, removed);
  } catch (cause) {
    throw fileError(cause, `remove the checkpoint ${directory}`);
  }
  removeFolder(removed);
}

function removeFolder(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (cause) {
    throw fileError(cause, `remove ${path}`);
  }
}
