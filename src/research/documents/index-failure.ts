/** What SQLite threw, in words that say what to do. */
import { R5Error } from '../../error.ts';

/** Primary result codes, https://www.sqlite.org/rescode.html; the extended ones keep them in their lowest byte. */
const advice: Readonly<Record<number, string>> = {
  5: 'Another run of r5 is writing it; wait until that one is done and try again',
  6: 'Another run of r5 is writing it; wait until that one is done and try again',
  8: 'It may not be written there; give another path with --index',
  10: 'The disk could not be read or written',
  11: 'It is damaged. Delete it and run r5 index again: it holds nothing that the documents do not',
  13: 'The disk is full',
  14: 'It cannot be opened; may it be read and written there?',
  26: 'It is no index of r5. Delete it or give another path with --index',
};

/** Throws what `work` throws; an error of SQLite as R5Error, or as `wrap` makes it. */
export async function withIndexErrors<Result>(path: string, work: () => Promise<Result>, wrap: (message: string, options: { cause: unknown }) => R5Error = (message, options) => new R5Error(message, options)): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof R5Error || !(cause instanceof Error && 'code' in cause && cause.code === 'ERR_SQLITE_ERROR')) throw cause;
    const code = 'errcode' in cause && typeof cause.errcode === 'number' ? cause.errcode & 0xff : 0;
    throw wrap(`The index ${path} cannot be used (${cause.message}). ${advice[code] ?? 'Delete it and run r5 index again: it holds nothing that the documents do not'}.`, { cause });
  }
}
