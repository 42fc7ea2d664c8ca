/** A real disk that is soon full, for tests: a tmpfs of a few pages. Linux as root only. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TinyDisk {
  directory: string;
  unmount(): void;
}

/** Mounts a tmpfs of `kilobytes`, or says why this machine does not allow it. */
export function mountTinyDisk(kilobytes: number): TinyDisk | { reason: string } {
  if (process.platform !== 'linux') return { reason: 'needs Linux' };
  const directory = mkdtempSync(join(tmpdir(), 'r5-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', directory], { encoding: 'utf8' });
  if (mounted.status !== 0) {
    rmSync(directory, { recursive: true, force: true });
    return { reason: `mounting a tmpfs is not permitted here: ${mounted.error?.message ?? mounted.stderr.trim()}` };
  }
  const unmount = (): void => {
    spawnSync('umount', [directory]);
    rmSync(directory, { recursive: true, force: true });
  };
  return { directory, unmount };
}
