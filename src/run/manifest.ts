/** A folder's seal: `manifest.json` lists every file with its size and SHA-256, and is written last. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { syncToDisk, writeWhole } from './durable-file.ts';
import { systemCode } from './file-error.ts';
import { describeProblem } from './json.ts';

const manifestName = 'manifest.json';

/** A path within the folder, with slashes on every system. A manifest must not point outside it. */
const innerPath = z.string().refine(
  (path) => path !== '' && !/^([/\\]|[A-Za-z]:)/.test(path) && !path.split(/[/\\]/).includes('..'),
  'the path must lie within the folder',
);

const manifestSchema = z.object({
  formatVersion: z.literal(1),
  step: z.int().nonnegative(),
  files: z.array(z.object({ path: innerPath, size: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
});

/** Forces every file in `directory` to the disk and seals them. Throws system errors, and R5Error for an entry that is no file. */
export async function writeManifest(directory: string, step: number): Promise<void> {
  if (existsSync(join(directory, manifestName))) {
    throw new R5Error(`${directory} has a ${manifestName} already; that name is kept for the seal. Call the file something else.`);
  }
  const files: z.infer<typeof manifestSchema>['files'] = [];
  const folders: string[] = [];
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    const full = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) {
      folders.push(full);
      continue;
    }
    if (!entry.isFile()) throw new R5Error(`${full} is neither a file nor a folder; a checkpoint holds nothing else.`);
    syncToDisk(full, 'file');
    const path = relative(directory, full).replaceAll(sep, '/');
    files.push({ path, size: statSync(full).size, sha256: await hashFile(full) });
  }
  for (const folder of folders) syncToDisk(folder, 'folder');
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  // This also forces the folder itself to the disk.
  writeWhole(join(directory, manifestName), `${JSON.stringify({ formatVersion: 1, step, files }, undefined, 2)}\n`);
}

/**
 * What is wrong with a sealed folder, naming the file; undefined when every file is as its manifest says. Files that the manifest does
 * not list are let be. `step` must be the manifest's.
 */
export async function checkManifest(directory: string, step: number): Promise<string | undefined> {
  const manifest = readManifest(directory);
  if (typeof manifest === 'string') return manifest;
  if (manifest.step !== step) return `${manifestName} speaks of step ${manifest.step}`;
  for (const { path, size, sha256 } of manifest.files) {
    const full = join(directory, path);
    try {
      const found = statSync(full);
      if (!found.isFile()) return `${path} is not a file`;
      if (found.size !== size) return `${path} has ${found.size} bytes instead of ${size}`;
      if ((await hashFile(full)) !== sha256) return `${path} has other contents than were written (SHA-256)`;
    } catch (cause) {
      return unreadable(path, cause);
    }
  }
  return undefined;
}

function readManifest(directory: string): z.infer<typeof manifestSchema> | string {
  let text: string;
  try {
    text = readFileSync(join(directory, manifestName), 'utf8');
  } catch (cause) {
    return unreadable(manifestName, cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return `${manifestName} is not JSON`;
  }
  const parsed = manifestSchema.safeParse(value);
  return parsed.success ? parsed.data : `${manifestName}: ${describeProblem(parsed.error)}`;
}

function unreadable(path: string, cause: unknown): string {
  const code = systemCode(cause);
  if (code === undefined) throw cause;
  return code === 'ENOENT' ? `${path} is missing` : `${path} cannot be read (${code})`;
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}
