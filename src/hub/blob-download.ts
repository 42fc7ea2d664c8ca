/** One file of the hub into its blob of the cache: goes on where an earlier download broke off, and keeps only what has the right hash. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { R5Error } from '../error.ts';
import { fileSize } from './cache-layout.ts';
import { fileError, systemCode } from './file-error.ts';
import { HubUnreachable, networkReason, type HubFetch } from './hub-request.ts';
import type { HubSettings } from './hub-settings.ts';
import type { HubFile } from './tree-cache.ts';

export interface BlobDownload {
  file: HubFile;
  url: string;
  /** Where the whole file goes. What has arrived so far lies beside it as `.incomplete`, where Python's huggingface_hub keeps it too. */
  blob: string;
  fetch: HubFetch;
  settings: Pick<HubSettings, 'timeoutMs' | 'retryDelayMs'>;
  /** Bytes of the file that are on disk. */
  onBytes: (receivedBytes: number) => void;
  onNotice: (message: string) => void;
}

/** Attempts in a row that bring no byte before the download is given up. */
const ATTEMPTS = 5;

/**
 * Downloads the file. Throws R5Error when the connection keeps breaking (what has arrived stays for the next time), when the bytes are
 * not those that the hub announced (nothing stays), and when the disk does not take them.
 */
export async function downloadBlob(download: BlobDownload): Promise<void> {
  const { file, blob, onNotice } = download;
  const partial = `${blob}.incomplete`;
  await mkdir(dirname(blob), { recursive: true }).catch((error: unknown) => {
    throw fileError('create', dirname(blob), error);
  });
  const resumed = ((await fileSize(partial)) ?? 0) > 0;
  await receive(download, partial);
  if (!(await hasHash(partial, file))) {
    await rm(partial, { force: true });
    if (!resumed) throw damaged(file);
    // The beginning may be an older version's, or another program's: once more from the first byte.
    onNotice(`What an earlier download left of ${file.path} does not fit; it starts from the beginning.`);
    await receive(download, partial);
    if (!(await hasHash(partial, file))) {
      await rm(partial, { force: true });
      throw damaged(file);
    }
  }
  await rename(partial, blob).catch((error: unknown) => {
    throw fileError('write', blob, error);
  });
}

const damaged = ({ path, hash }: HubFile): R5Error =>
  new R5Error(`${path} arrived with other bytes than the hub announced (hash ${hash}), so it was thrown away. Run the command again.`);

/** Brings the partial file to its full size, over as many connections as it takes. */
async function receive(download: BlobDownload, partial: string): Promise<void> {
  const { file, settings, onNotice } = download;
  const output = await open(partial, 'a').then((created) => created.close()).then(() => open(partial, 'r+')).catch((error: unknown) => {
    throw fileError('write', partial, error);
  });
  try {
    let have = (await output.stat()).size;
    if (have > file.size) await output.truncate(0);
    have = have > file.size ? 0 : have;
    for (let failures = 0; ; ) {
      try {
        await receiveOnce(download, output, have);
        break;
      } catch (error) {
        if (!(error instanceof HubUnreachable)) throw systemCode(error) === undefined ? error : fileError('write', partial, error);
        const before = have;
        have = (await output.stat()).size;
        failures = have > before ? 1 : failures + 1;
        if (failures >= ATTEMPTS) throw brokenOff(file, have, error);
        onNotice(`${file.path}: ${error.message} Trying again.`);
        await sleep(settings.retryDelayMs * 2 ** (failures - 1));
      }
    }
    await output.sync();
  } finally {
    await output.close();
  }
}

const brokenOff = ({ path, size }: HubFile, have: number, cause: R5Error): R5Error =>
  new R5Error(`The download of ${path} broke off at ${have} of ${size} bytes: ${cause.message} Run the command again: it goes on from there.`, { cause });

/** One request for the rest of the file from `start` on. Throws HubUnreachable when it ends too early. */
async function receiveOnce({ file, url, fetch, settings, onBytes }: BlobDownload, output: FileHandle, start: number): Promise<void> {
  if (start === file.size) return onBytes(start);
  const stop = new AbortController();
  const headers = { 'accept-encoding': 'identity', ...(start > 0 ? { range: `bytes=${start}-` } : {}) };
  const response = await fetch(url, { headers, signal: stop.signal });
  let position = response.status === 206 ? start : 0;
  checkSize(response, file, position);
  if (position < start) await output.truncate(0);
  onBytes(position);
  let silence = setTimeout(() => stop.abort(), settings.timeoutMs);
  try {
    for await (const bytes of response.body ?? []) {
      clearTimeout(silence);
      if (position + bytes.length > file.size) throw wrongSize(file, `more than ${position + bytes.length}`);
      await output.write(bytes, 0, bytes.length, position);
      position += bytes.length;
      onBytes(position);
      silence = setTimeout(() => stop.abort(), settings.timeoutMs);
    }
  } catch (error) {
    if (error instanceof R5Error || systemCode(error) !== undefined) throw error;
    const reason = stop.signal.aborted ? `nothing came for ${settings.timeoutMs / 1000} s` : networkReason(error);
    throw new HubUnreachable(`the connection broke at ${position} of ${file.size} bytes (${reason}).`, { cause: error });
  } finally {
    clearTimeout(silence);
    stop.abort();
  }
  if (position < file.size) throw new HubUnreachable(`the connection ended at ${position} of ${file.size} bytes.`);
}

/** Throws R5Error when the answer's own words on its size do not agree with the listing. */
function checkSize(response: Response, file: HubFile, start: number): void {
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  const length = response.headers.get('content-length');
  if (response.status === 206) {
    if (range === null || Number(range[1]) !== start) throw new HubUnreachable(`the answer does not hold the bytes from ${start} on that were asked for.`);
    if (Number(range[2]) !== file.size) throw wrongSize(file, String(range[2]));
  } else if (length !== null && response.headers.get('content-encoding') === null && Number(length) !== file.size) {
    throw wrongSize(file, length);
  }
}

const wrongSize = ({ path, size }: HubFile, told: string): R5Error =>
  new R5Error(`${path} should have ${size} bytes, but the server sends ${told}, so it was not downloaded. Run the command again later.`);

/** Whether the file's bytes have the hash that the hub announced: SHA-256, or SHA-1 of the file as a git blob. */
async function hasHash(path: string, { hash, size }: HubFile): Promise<boolean> {
  const isGit = hash.length === 40;
  const digest = createHash(isGit ? 'sha1' : 'sha256');
  if (isGit) digest.update(`blob ${size}\0`);
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: 1 << 20 })) digest.update(bytes);
  } catch (error) {
    throw fileError('read', path, error);
  }
  return digest.digest('hex') === hash;
}
