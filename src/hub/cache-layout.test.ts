/** Files of a snapshot where the file system can do less than links. */
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile, link } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { showBlob } from './cache-layout.ts';

const folder = mkdtempSync(join(tmpdir(), 'r5-cache-'));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'blobs'));
const blob = join(folder, 'blobs', 'abc');
writeFileSync(blob, 'content');

const refuse = async (): Promise<void> => {
  throw Object.assign(new Error('no privilege'), { code: 'EPERM' });
};

test('without symbolic links a hard link shows the blob, without any links a copy', async () => {
  const path = join(folder, 'snapshots', 'c', 'file');
  await showBlob(blob, path);
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
  await showBlob(blob, path, { symlinks: false });
  expect(lstatSync(path).isSymbolicLink()).toBe(false);
  await showBlob(blob, path, { links: [refuse, link] });
  expect(lstatSync(path).isSymbolicLink()).toBe(false);
  expect(lstatSync(path).ino).toBe(lstatSync(blob).ino);
  await showBlob(blob, path, { links: [refuse, refuse, copyFile] });
  expect(lstatSync(path).ino).not.toBe(lstatSync(blob).ino);
  expect(readFileSync(path, 'utf8')).toBe('content');
  await expect(showBlob(blob, path, { links: [refuse] })).rejects.toThrow(/Cannot link .*file: no permission/);
});
