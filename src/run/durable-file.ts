/** Files that are either whole or absent, also after a crash or a power cut. */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { R5Error } from '../error.ts';
import { systemCode } from './file-error.ts';

/** Forces a file or a folder's list of names to the disk. Windows cannot do it for folders; there the file system's journal has to do. */
export function syncToDisk(path: string, kind: 'file' | 'folder'): void {
  if (kind === 'folder' && process.platform === 'win32') return;
  // Windows flushes only through a handle that may write.
  const descriptor = openSync(path, kind === 'file' ? 'r+' : 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Makes a folder and those above it where they are missing. Node's own recursive mkdir never returns on file systems that answer "no
 * such folder" although the parent is there (/proc does). Throws system errors.
 */
export function makeFolders(path: string): void {
  try {
    mkdirSync(path);
  } catch (cause) {
    const code = systemCode(cause);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path || existsSync(dirname(path))) throw cause;
    makeFolders(dirname(path));
    mkdirSync(path);
  }
}

/** Writes `content` beside `path`, forces it to the disk and renames it, so that `path` never holds half of it. Throws system errors. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const aside = `${path}.partial`;
  writeFileSync(aside, content);
  syncToDisk(aside, 'file');
  renameSync(aside, path);
  syncToDisk(dirname(path), 'folder');
}

/**
 * Removes the folder that a failed write left, so that it does not fill a full disk further. Returns the failure to throw, with a word
 * more when the removal failed too.
 */
export function removeRest(path: string, failure: unknown): unknown {
  try {
    if (existsSync(path)) rmSync(path, { recursive: true, force: true });
    return failure;
  } catch (second) {
    if (!(failure instanceof Error) || !(second instanceof Error)) return failure;
    return new R5Error(`${failure.message} And what was written of it could not be removed: ${second.message}`, { cause: failure });
  }
}
