/**
 * A lock that keeps two processes from writing one run. It is a file with the holder's process id; a holder that died (killed, crashed,
 * rebooted) leaves it behind, and the next one who wants the lock takes it over.
 */
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { fileError, systemCode } from './file-error.ts';

const holderSchema = z.object({
  pid: z.int().positive(),
  host: z.string(),
  /** When the process started, as the system tells it: a later process that got the same id is another process. Linux only. */
  processStart: z.string().optional(),
  /** Unlike any other lock's. */
  token: z.string(),
});

/** The process that holds a lock. */
export type LockHolder = z.infer<typeof holderSchema>;

export interface RunLock {
  /** Gives the lock up; a second call does nothing. */
  release(): void;
}

/** Locks held by this process, by token. */
const heldHere = new Set<string>();

/**
 * Takes the lock of the run in `directory`. Throws R5Error, naming the holder when a living process has it, and the file when it cannot
 * be written.
 */
export function lockRun(directory: string): RunLock {
  const path = join(directory, 'run.lock');
  const processStart = lookUpProcess(process.pid)?.start;
  const self: LockHolder = { pid: process.pid, host: hostname(), processStart, token: randomUUID() };
  // Each round either takes the lock, finds a living holder, or clears away a dead one; others may come in between.
  for (let round = 0; round < 10; round++) {
    if (createLock(path, self)) {
      heldHere.add(self.token);
      return { release: () => releaseLock(path, self.token) };
    }
    const found = readLock(path);
    if (found === 'absent') continue;
    if (found !== 'damaged' && isAlive(found)) throw heldError(directory, path, found);
    clearStale(path, found === 'damaged' ? undefined : found.token);
  }
  throw new R5Error(`cannot lock the run ${directory}: other processes keep taking ${path}. Try again when they are done.`);
}

/** The living process that writes the run in `directory`, if any. Reads only. */
export function runLockHolder(directory: string): LockHolder | undefined {
  const found = readLock(join(directory, 'run.lock'));
  return found !== 'absent' && found !== 'damaged' && isAlive(found) ? found : undefined;
}

function heldError(directory: string, path: string, holder: LockHolder): R5Error {
  const advice = 'Wait until it ends, or stop it (Ctrl-C where it runs).';
  if (holder.host === hostname()) return new R5Error(`the run ${directory} is being written by process ${holder.pid}. ${advice}`);
  const holds = `process ${holder.pid} on another machine, ${holder.host}`;
  return new R5Error(`the run ${directory} is locked by ${holds}. If nothing runs there any more, delete ${path}.`);
}

/** Whether the lock was free. It appears with its content in one motion, so nobody reads half of it. */
function createLock(path: string, self: LockHolder): boolean {
  const aside = `${path}.${self.token}`;
  const content = `${JSON.stringify(self)}\n`;
  try {
    writeFileSync(aside, content, { flag: 'wx' });
    try {
      linkSync(aside, path);
    } catch (cause) {
      // File systems without hard links (exFAT): creating exclusively is the next best.
      if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(systemCode(cause) ?? '')) throw cause;
      writeFileSync(path, content, { flag: 'wx' });
    } finally {
      rmSync(aside, { force: true });
    }
    return true;
  } catch (cause) {
    if (systemCode(cause) === 'EEXIST') return false;
    throw fileError(cause, `lock the run with ${path}`);
  }
}

function readLock(path: string): LockHolder | 'absent' | 'damaged' {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return 'absent';
    throw fileError(cause, `read the lock ${path}`);
  }
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    // Locks appear whole, so this one lost its content in a power cut, and its holder with it.
    return 'damaged';
  }
}

/** Removes a dead holder's lock, and no other: whoever else takes over meanwhile has put a new one in its place. */
function clearStale(path: string, token: string | undefined): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
    const moved = readLock(aside);
    const isOther = typeof moved !== 'string' && moved.token !== token;
    if (isOther) linkSync(aside, path);
    rmSync(aside, { force: true });
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return;
    throw fileError(cause, `take over the lock ${path}`);
  }
}

function releaseLock(path: string, token: string): void {
  if (!heldHere.delete(token)) return;
  const found = readLock(path);
  if (typeof found === 'string' || found.token !== token) return;
  try {
    rmSync(path, { force: true });
  } catch (cause) {
    throw fileError(cause, `remove the lock ${path}`);
  }
}

function isAlive(holder: LockHolder): boolean {
  // Another machine's processes cannot be looked up from here.
  if (holder.host !== hostname()) return true;
  if (heldHere.has(holder.token)) return true;
  const found = lookUpProcess(holder.pid);
  if (found !== undefined && holder.processStart !== undefined) return found.running && found.start === holder.processStart;
  if (holder.pid === process.pid) return false;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (cause) {
    // EPERM: it is there and belongs to somebody else.
    return systemCode(cause) === 'EPERM';
  }
}

/** What Linux tells of a process (proc(5)); undefined where there is no /proc or no such process. */
function lookUpProcess(pid: number): { running: boolean; start: string } | undefined {
  let stat: string;
  let boot: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch (cause) {
    if (systemCode(cause) === undefined) throw cause;
    return undefined;
  }
  // Field 2, the command's name in parentheses, may contain spaces and parentheses; state is field 3, start time in ticks field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const start = fields[19];
  return state === undefined || start === undefined ? undefined : { running: state !== 'Z' && state !== 'X', start: `${boot}:${start}` };
}
