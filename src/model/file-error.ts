import { R5Error } from '../error.ts';

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether `error` is the operating system's answer that there is no such file. */
export function isMissingFile(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

const meanings: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'a part of the path is a file, not a folder',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EFBIG: 'the file is larger than the file system allows',
  EMFILE: 'too many files are open',
};

/**
 * The error for a file operation that the operating system refused: `Cannot <action> <path>: <why>`. Anything that is not an error of
 * the operating system is a defect and is thrown on as it is.
 */
export function fileError(action: string, path: string, error: unknown): R5Error {
  if (error instanceof R5Error) return error;
  const code = codeOf(error);
  if (code === undefined) throw error;
  return new R5Error(`Cannot ${action} ${path}: ${meanings[code] ?? code}.`, { cause: error });
}
