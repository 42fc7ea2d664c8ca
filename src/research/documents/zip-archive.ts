/** Files of a ZIP archive, within limits: a small archive may hold more than fits into memory. */
import { unzipSync } from 'fflate';
import { SourceError } from '../source-error.ts';

const MOST_BYTES = 256 * 1024 * 1024;
const MOST_FILES = 20_000;

/** The files whose names are wanted. Throws SourceError: `unreadable` for what is no archive, `too-large` beyond the limits. */
export function readZip(bytes: Uint8Array, name: string, isWanted: (path: string) => boolean): Map<string, Uint8Array> {
  let [files, total] = [0, 0];
  try {
    const found = unzipSync(bytes, {
      filter: ({ name: path, originalSize }) => {
        files++;
        total += originalSize;
        if (files > MOST_FILES || total > MOST_BYTES) throw new SourceError('too-large', `${name} unpacks to more than ${MOST_BYTES / 1024 ** 2} MB or ${MOST_FILES} files; it is not read.`);
        return isWanted(path);
      },
    });
    return new Map(Object.entries(found));
  } catch (cause) {
    if (cause instanceof SourceError) throw cause;
    throw new SourceError('unreadable', `${name} is a damaged archive (${cause instanceof Error ? cause.message : String(cause)}).`, { cause });
  }
}
