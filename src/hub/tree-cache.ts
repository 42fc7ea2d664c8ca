/**
 * The list of a commit's files, as huggingface_hub of Python (from 2.0 on) keeps it in the cache. A commit never changes, so the list holds
 * for ever; offline it tells whether a snapshot is whole.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeWhole } from './cache-layout.ts';
import { fileError, isMissingFile } from './file-error.ts';

const SHA_1 = /^[0-9a-f]{40}$/;
const SHA_256 = /^[0-9a-f]{64}$/;

/** A path inside the repository that is safe to join to a folder. */
export const pathSchema = z.string().refine((path) => !/^[A-Za-z]:|\0|\\/.test(path) && path.split('/').every((part) => part !== '' && part !== '..'), {
  message: 'the path leads out of the repository',
});

/** A file of a repository. */
export interface HubFile {
  path: string;
  size: number;
  /** SHA-256 of a large file's bytes, SHA-1 of a small one as a git blob. Also the name of its blob in the cache. */
  hash: string;
  /** What the hub's newer storage calls a large file. Not used here, kept for others. */
  xetHash?: string | undefined;
  /** SHA-1 of what git holds in a large file's place. Kept for others as well. */
  pointerHash?: string | undefined;
}

const treeSchema = z.object({
  format_version: z.literal(1),
  files: z.record(
    pathSchema,
    z.object({
      size: z.int().nonnegative(),
      blob_id: z.string().regex(SHA_1),
      lfs_sha256: z.string().regex(SHA_256).optional(),
      lfs_size: z.int().nonnegative().optional(),
      xet_hash: z.string().regex(SHA_256).optional(),
    }),
  ),
});

/** The files that the tree file lists; undefined when there is none, or one of a format that r5 does not know, which is as good as none. */
export async function readTree(path: string): Promise<HubFile[] | undefined> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (isMissingFile(error) || error instanceof SyntaxError) return undefined;
    throw fileError('read', path, error);
  }
  const tree = treeSchema.safeParse(value);
  if (!tree.success) return undefined;
  return Object.entries(tree.data.files).map(([name, { size, blob_id: git, lfs_sha256: sha256, lfs_size: lfsSize, xet_hash: xetHash }]) =>
    sha256 === undefined ? { path: name, size, hash: git, xetHash } : { path: name, size: lfsSize ?? size, hash: sha256, xetHash, pointerHash: git },
  );
}

export async function writeTree(path: string, files: readonly HubFile[]): Promise<void> {
  const entries = files.map(({ path: name, size, hash, xetHash, pointerHash }): [string, object] => {
    const large = pointerHash === undefined ? {} : { lfs_sha256: hash, lfs_size: size };
    return [name, { size, blob_id: pointerHash ?? hash, ...large, ...(xetHash === undefined ? {} : { xet_hash: xetHash }) }];
  });
  await writeWhole(path, JSON.stringify({ format_version: 1, files: Object.fromEntries(entries) }, null, 1));
}
