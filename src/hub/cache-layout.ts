/**
 * The cache that all Hugging Face libraries share (https://huggingface.co/docs/huggingface_hub/guides/manage-cache):
 * `models--owner--name/blobs/<hash>` holds the bytes, `snapshots/<commit>/<path>` links to them, `refs/<revision>` names the commit,
 * `trees/<commit>.json` lists all files that the commit has on the hub.
 */
import { copyFile, link, mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { randomUUID } from 'node:crypto';
import { fileError, isMissingFile, systemCode } from './file-error.ts';
import type { HubSettings } from './hub-settings.ts';
import { isCommit, type Repository } from './repository.ts';

export interface CacheLayout {
  blob(hash: string): string;
  snapshot(commit: string): string;
  ref(revision: string): string;
  tree(commit: string): string;
  lock(hash: string): string;
}

export function cacheLayout({ type, name }: Repository, { cacheDirectory }: HubSettings): CacheLayout {
  const folder = [`${type}s`, ...name.split('/')].join('--');
  const storage = join(cacheDirectory, folder);
  return {
    blob: (hash) => join(storage, 'blobs', hash),
    snapshot: (commit) => join(storage, 'snapshots', commit),
    ref: (revision) => join(storage, 'refs', ...revision.split('/')),
    tree: (commit) => join(storage, 'trees', `${commit}.json`),
    lock: (hash) => join(cacheDirectory, '.locks', folder, `${hash}.r5-lock`),
  };
}

/** The commit that the revision was at when it was last asked for; undefined when it is not in the cache. */
export async function cachedCommit(layout: CacheLayout, revision: string): Promise<string | undefined> {
  if (isCommit(revision)) return revision;
  try {
    const commit = (await readFile(layout.ref(revision), 'utf8')).trim();
    return isCommit(commit) ? commit : undefined;
  } catch (error) {
    if (isMissingFile(error)) return undefined;
    throw fileError('read', layout.ref(revision), error);
  }
}

/** Size of the file, through links; undefined when there is none, or a link that leads nowhere. */
export async function fileSize(path: string): Promise<number | undefined> {
  try {
    const { size, isFile } = await stat(path).then((found) => ({ size: found.size, isFile: found.isFile() }));
    return isFile ? size : undefined;
  } catch (error) {
    if (isMissingFile(error) || systemCode(error) === 'ENOTDIR') return undefined;
    throw fileError('open', path, error);
  }
}

/** Writes a small file so that no reader sees half of it. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(aside, text);
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw fileError('write', path, error);
  }
}

type MakeLink = (blob: string, path: string) => Promise<void>;

/** Ways to let a path show a blob, the first that the file system can do: Windows asks for a privilege to make symbolic links. */
const LINKS: readonly MakeLink[] = [
  (blob, path) => symlink(relative(dirname(path), blob), path),
  (blob, path) => link(blob, path),
  (blob, path) => copyFile(blob, path),
];

export interface LinkOptions {
  /** Whether symbolic links are wanted (HF_HUB_DISABLE_SYMLINKS). */
  symlinks?: boolean;
  links?: readonly MakeLink[];
}

/** Lets `path` in a snapshot show the blob: a relative symbolic link, else a hard link, else a copy. What was there is replaced. */
export async function showBlob(blob: string, path: string, { symlinks = true, links = symlinks ? LINKS : LINKS.slice(1) }: LinkOptions = {}): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
    throw fileError('create the folder of', path, error);
  });
  for (const [index, makeLink] of links.entries()) {
    try {
      await makeLink(blob, aside);
      await rename(aside, path);
      return;
    } catch (error) {
      await rm(aside, { force: true });
      const cannotLink = ['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'UNKNOWN'].includes(systemCode(error) ?? '');
      if (index === links.length - 1 || !cannotLink) throw fileError('link', path, error);
    }
  }
}
