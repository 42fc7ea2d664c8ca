/** The lines of a text file of any size, gzipped (`.gz`) or not. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { R5Error } from '../error.ts';
import { fileError } from '../hub/file-error.ts';

/**
 * Text of the file in pieces, without a byte order mark. Throws R5Error for a file that cannot be read, is damaged gzip or is not UTF-8.
 */
export async function* textPieces(path: string): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  const gunzip = path.endsWith('.gz') ? createGunzip() : undefined;
  // pipe() does not hand errors on, so the reader's are put into the stream that is read.
  if (gunzip) file.on('error', (error) => gunzip.destroy(error));
  try {
    for await (const bytes of gunzip ? file.pipe(gunzip) : file) yield decoder.decode(bytes, { stream: true });
    yield decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw new R5Error(`${path} is not UTF-8 text; convert it to UTF-8.`, { cause: error });
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
      throw new R5Error(`${path} is damaged: ${error.message}. Fetch it again.`, { cause: error });
    }
    throw fileError('read', path, error);
  } finally {
    file.destroy();
  }
}

/** Lines with their numbers from 1. Only line feeds end a line: JSON strings may hold the other separators of Unicode as they are. */
export async function* textLines(path: string): AsyncGenerator<{ line: string; number: number }, void, undefined> {
  let rest = '';
  let number = 1;
  for await (const piece of textPieces(path)) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield { line, number: number++ };
  }
  if (rest !== '') yield { line: rest, number };
}
