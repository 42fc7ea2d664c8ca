/** Turns what the operating system says about a file into an error for the person who caused it. */
import { R5Error } from '../error.ts';

const otherFolder = 'Choose a folder that can be written.';
const freeSpace = 'Free some space and try again.';

/** What the code means, and what to do about it. */
const meanings: Readonly<Record<string, readonly [meaning: string, advice: string]>> = {
  EACCES: ['permission denied', 'Change its permissions, or choose another place.'],
  EPERM: ['the system does not allow it', 'Change its permissions, or choose another place.'],
  EROFS: ['the file system is read-only', otherFolder],
  ENOSPC: ['the disk is full', freeSpace],
  EDQUOT: ['the disk quota is used up', freeSpace],
  EFBIG: ['the file would be larger than the system allows', otherFolder],
  ENOENT: ['there is no such file or folder', 'Check the path.'],
  ENOTDIR: ['a part of the path is a file, not a folder', 'Check the path.'],
  EEXIST: ['a file of that name is in the way', 'Move it away, or choose another place.'],
  EISDIR: ['it is a folder, not a file', 'Check the path.'],
  ENAMETOOLONG: ['the path is too long', 'Choose a shorter one.'],
  EMFILE: ['too many files are open', 'Raise the limit (ulimit -n) and try again.'],
  EIO: ['the disk reported an error', 'Check the disk.'],
};

/** The operating system's code of an error (`ENOSPC`), or undefined when it is another kind of error. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code)
    ? error.code
    : undefined;
}

/**
 * The error to throw when a file operation failed. `doing` finishes the sentence "cannot ..." and names the path, for example
 * `write /runs/a/config.json`. An error that the operating system did not raise comes back as it is, so that defects keep their stack.
 */
export function fileError(cause: unknown, doing: string): unknown {
  const code = systemCode(cause);
  if (code === undefined) return cause;
  const [meaning, advice] = meanings[code] ?? ['the system refused', 'Check the path and the disk.'];
  return new R5Error(`cannot ${doing}: ${meaning} (${code}). ${advice}`, { cause });
}
