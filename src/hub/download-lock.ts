/**
 * Keeps two r5 processes from downloading the same file at once. A file with the holder's process; one whose holder died, or has not
 * touched it for a minute (another machine on a shared disk), is taken over. It saves work and is no safeguard: writers put the same
 * bytes to the same places, and the whole file is checked.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileError, isMissingFile, systemCode } from './file-error.ts';

const STALE_MS = 60_000;
const TOUCH_MS = 15_000;
const POLL_MS = 100;

/** Waits for the lock, holds it while `use` runs, and gives back what that gives. `onWait` is called once when somebody else has it. */
export async function withDownloadLock<Result>(path: string, use: () => Promise<Result>, onWait: () => void = () => {}): Promise<Result> {
  const self = `${process.pid} ${hostname()} ${randomUUID()}`;
  await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
    throw fileError('create', dirname(path), error);
  });
  for (let waited = false; !(await take(path, self)); waited = true) {
    if (!waited) onWait();
    await sleep(POLL_MS);
  }
  // A failure to touch shows as a stale lock at worst.
  const touch = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), TOUCH_MS).unref();
  try {
    return await use();
  } finally {
    clearInterval(touch);
    if ((await readHolder(path)) === self) await rm(path, { force: true });
  }
}

async function take(path: string, self: string): Promise<boolean> {
  try {
    await writeFile(path, self, { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw fileError('write', path, error);
  }
  const holder = await readHolder(path);
  if (holder !== undefined && (await isStale(path, holder))) await clear(path, holder);
  return false;
}

async function readHolder(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (isMissingFile(error)) return undefined;
    throw fileError('read', path, error);
  });
}

async function isStale(path: string, holder: string): Promise<boolean> {
  const [pid, host] = holder.split(' ');
  if (host === hostname() && !isRunning(Number(pid))) return true;
  const touched = await stat(path).catch(() => undefined);
  return touched !== undefined && Date.now() - touched.mtimeMs > STALE_MS;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

/** Moves the stale lock away. Should another process have taken it meanwhile, its lock goes back. */
async function clear(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    if ((await readHolder(aside)) === stale) await rm(aside, { force: true });
    else await rename(aside, path);
  } catch (error) {
    if (!isMissingFile(error)) throw fileError('clear', path, error);
  }
}
