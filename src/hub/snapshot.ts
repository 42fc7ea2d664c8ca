/** Files of a listing, downloaded into the cache where they are missing. */
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { R5Error } from '../error.ts';
import { downloadBlob } from './blob-download.ts';
import { cacheLayout, fileSize, showBlob, type CacheLayout } from './cache-layout.ts';
import { withDownloadLock } from './download-lock.ts';
import { fileError, isMissingFile } from './file-error.ts';
import { hubFetch } from './hub-request.ts';
import type { HubSettings } from './hub-settings.ts';
import type { Listing } from './listing.ts';
import type { HubFile } from './tree-cache.ts';
import type { OnHubProgress } from './progress.ts';
import { shownRepository } from './repository.ts';

/** Files that are downloaded at the same time. */
const PARALLEL = 4;

/**
 * Makes sure that `files` of the listing are in the cache, whole, and gives back the folder of the snapshot that shows them.
 * Throws R5Error when one is missing offline, when the disk has no room, and for what downloadBlob throws.
 */
export async function fetchFiles(listing: Listing, files: readonly HubFile[], settings: HubSettings, onProgress: OnHubProgress): Promise<string> {
  const { repository, commit, offline } = listing;
  const layout = cacheLayout(repository, settings);
  const snapshot = layout.snapshot(commit);
  const missing: HubFile[] = [];
  for (const file of files) {
    if ((await fileSize(join(snapshot, file.path))) !== file.size) missing.push(file);
  }
  if (missing.length === 0) return snapshot;
  if (offline) {
    const names = missing.map(({ path }) => path).join(', ');
    throw new R5Error(`The cache holds only a part of ${shownRepository(repository)}: ${names} is missing. Connect to the network and run the command again.`);
  }
  await announce(listing, files, missing, layout, onProgress);
  const queue = [...missing];
  const worker = async (): Promise<void> => {
    for (let file = queue.shift(); file; file = queue.shift()) await fetchFile(listing, file, layout, settings, onProgress);
  };
  const ended = await Promise.allSettled(Array.from({ length: PARALLEL }, () => worker().catch((error: unknown) => {
    queue.length = 0;
    throw error;
  })));
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
  return snapshot;
}

async function announce(
  { repository, commit }: Listing,
  files: readonly HubFile[],
  missing: readonly HubFile[],
  layout: CacheLayout,
  onProgress: OnHubProgress,
): Promise<void> {
  let missingBytes = 0;
  for (const { hash, size } of missing) {
    const here = (await fileSize(layout.blob(hash))) ?? Math.min(size, (await fileSize(`${layout.blob(hash)}.incomplete`)) ?? 0);
    missingBytes += size - here;
  }
  const free = await freeBytes(layout.blob(''));
  if (free < missingBytes) {
    const room = `${megabytes(missingBytes)} MB are missing, and the disk of ${dirname(layout.blob(''))} has ${megabytes(free)} MB free`;
    throw new R5Error(`There is no room for ${shownRepository(repository)}: ${room}. Free some space, or set HF_HOME to another disk.`);
  }
  const totalBytes = files.reduce((sum, { size }) => sum + size, 0);
  onProgress({ type: 'plan', repository: shownRepository(repository), commit, files: missing.length, totalBytes, missingBytes });
}

const megabytes = (bytes: number): string => (bytes / 1e6).toLocaleString('en-US', { maximumFractionDigits: 1 });

/** Free bytes on the disk that holds the path, or will hold it. */
async function freeBytes(path: string): Promise<number> {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    } catch (error) {
      if (!isMissingFile(error) || dirname(folder) === folder) throw fileError('look at the disk of', folder, error);
    }
  }
}

async function fetchFile(
  { repository, commit }: Listing,
  file: HubFile,
  layout: CacheLayout,
  settings: HubSettings,
  onProgress: OnHubProgress,
): Promise<void> {
  const blob = layout.blob(file.hash);
  const folder = repository.type === 'dataset' ? 'datasets/' : '';
  const url = `${settings.endpoint}/${folder}${repository.name}/resolve/${commit}/${file.path.split('/').map(encodeURIComponent).join('/')}`;
  const tell = (receivedBytes: number, done: boolean): void =>
    onProgress({ type: 'file', path: file.path, receivedBytes, totalBytes: file.size, done });
  const onNotice = (message: string): void => onProgress({ type: 'notice', message });
  const download = async (): Promise<void> => {
    if ((await fileSize(blob)) !== file.size) {
      await downloadBlob({ file, url, blob, fetch: hubFetch(repository, settings), settings, onBytes: (bytes) => tell(bytes, false), onNotice });
    }
    await showBlob(blob, join(layout.snapshot(commit), file.path), settings);
  };
  await withDownloadLock(layout.lock(file.hash), download, () => onNotice(`${file.path}: another process downloads it already; waiting for it.`));
  tell(file.size, true);
}
