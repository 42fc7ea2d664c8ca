/** A response's body, unpacked as it comes and stopped at a limit, so that neither a long body nor a bomb fills the memory. */
import type { IncomingMessage } from 'node:http';
import { Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { SourceError } from '../source-error.ts';

/** What `Accept-Encoding` may promise. */
export const ACCEPTED_ENCODINGS = 'gzip, br, zstd';

/** Honest servers pack a body once. */
const MOST_LAYERS = 2;

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/**
 * The unpacked body. Throws SourceError: `too-large` as soon as more than `maxBytes` have come, packed or unpacked; `unreadable` for an
 * encoding that was not asked for or that does not unpack. What the connection throws passes through.
 */
export async function readBody(response: IncomingMessage, options: { url: string; maxBytes: number; signal: AbortSignal }): Promise<Uint8Array> {
  const { url, maxBytes, signal } = options;
  const tooLarge = (): SourceError => new SourceError('too-large', `${url} is larger than ${maxBytes} bytes, the limit for a page.`);
  const announced = Number(response.headers['content-length'] ?? 0);
  if (announced > maxBytes) throw tooLarge();
  // Nothing at all is sent as packed by some servers; it unpacks as no format.
  if (response.headers['content-length'] === '0') return new Uint8Array();
  const decoders = decodersOf(response.headers['content-encoding'] ?? '', url);
  const limit = (): Transform => {
    let size = 0;
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        size += chunk.length;
        if (size > maxBytes) done(tooLarge());
        else done(null, chunk);
      },
    });
  };
  const chunks: Buffer[] = [];
  const collect = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk);
      done();
    },
  });
  try {
    await pipeline([response, limit(), ...decoders, limit(), collect], { signal });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (!/^(?:Z_|ZSTD_|ERR__|ERR_BROTLI)/.test(code)) throw cause;
    throw new SourceError('unreadable', `The body of ${url} does not unpack as ${response.headers['content-encoding']} (${code}).`, { cause });
  }
  return Buffer.concat(chunks);
}

function decodersOf(encodings: string, url: string): Transform[] {
  const names = encodings.toLowerCase().split(',').map((name) => name.trim()).filter((name) => name !== '' && name !== 'identity');
  if (names.length > MOST_LAYERS) throw new SourceError('unreadable', `The body of ${url} is packed ${names.length} times (${encodings}).`);
  return names.toReversed().map((name) => {
    const decoder = DECODERS[name];
    if (decoder === undefined) throw new SourceError('unreadable', `The body of ${url} is packed as ${JSON.stringify(name)}, which was not asked for.`);
    return decoder();
  });
}
