/** The operating system's refusals in words. */
import { R5Error } from '../error.ts';

/** The system's name for an error, such as ENOENT; undefined for anything that is not the system's. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export const isMissingFile = (error: unknown): boolean => systemCode(error) === 'ENOENT';

const meanings: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'a part of the path is a file, not a folder',
  ENOSPC: 'the disk is full; free some space and run the command again, it goes on where it stopped',
  EDQUOT: 'the disk quota is used up; free some space and run the command again, it goes on where it stopped',
  EROFS: 'the file system is read-only',
};

/** `Cannot <action> <path>: <why>.` An error that is not the operating system's is a defect and is thrown on as it is. */
export function fileError(action: string, path: string, error: unknown): R5Error {
  if (error instanceof R5Error) return error;
  const code = systemCode(error);
  if (code === undefined) throw error;
  return new R5Error(`Cannot ${action} ${path}: ${meanings[code] ?? code}.`, { cause: error });
}
