import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { R5Error } from '../error.ts';
import { lockRun, runLockHolder } from './run-lock.ts';
import { testFolder } from './test-folder.ts';

const writeLock = (directory: string, holder: object): void => writeFileSync(join(directory, 'run.lock'), JSON.stringify(holder));

describe('lockRun', () => {
  test('lets one in at a time, and the next after the release', () => {
    const directory = testFolder();
    const lock = lockRun(directory);
    expect(runLockHolder(directory)?.pid).toBe(process.pid);
    expect(() => lockRun(directory)).toThrow(R5Error);
    expect(() => lockRun(directory)).toThrow(`${directory} is being written by process ${process.pid}`);
    lock.release();
    expect(runLockHolder(directory)).toBeUndefined();
    const second = lockRun(directory);
    lock.release();
    expect(runLockHolder(directory)?.pid).toBe(process.pid);
    second.release();
    expect(readdirSync(directory)).toEqual([]);
  });

  test('respects another living process and takes over when it is dead', async () => {
    const directory = testFolder();
    const module = new URL('run-lock.ts', import.meta.url).href;
    const [from, argument] = [JSON.stringify(module), JSON.stringify(directory)];
    const program = `import { lockRun } from ${from}; lockRun(${argument}); console.log('locked'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    expect(() => lockRun(directory)).toThrow(`is being written by process ${child.pid}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(runLockHolder(directory)).toBeUndefined();
    lockRun(directory).release();
    expect(readdirSync(directory)).toEqual([]);
  });

  test.skipIf(!existsSync('/proc/self/stat'))('takes over from a process whose id was given to another one', () => {
    const directory = testFolder();
    writeLock(directory, { pid: process.ppid, host: hostname(), processStart: 'another boot:1', token: 'old' });
    lockRun(directory).release();
  });

  test('takes over from a process that does not exist', () => {
    const directory = testFolder();
    const { pid } = spawnSync(process.execPath, ['--version']);
    writeLock(directory, { pid, host: hostname(), token: 'old' });
    lockRun(directory).release();
  });

  test('takes over a lock that lost its content', () => {
    const directory = testFolder();
    writeFileSync(join(directory, 'run.lock'), '');
    const lock = lockRun(directory);
    expect(JSON.parse(readFileSync(join(directory, 'run.lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    lock.release();
  });

  test('does not guess about processes of another machine', () => {
    const directory = testFolder();
    writeLock(directory, { pid: 1, host: 'elsewhere.example', token: 'far' });
    expect(() => lockRun(directory)).toThrow('by process 1 on another machine, elsewhere.example.');
    expect(() => lockRun(directory)).toThrow(`delete ${join(directory, 'run.lock')}`);
  });

  test('names a folder that cannot be written', () => {
    const file = join(testFolder(), 'file');
    writeFileSync(file, '');
    expect(() => lockRun(file)).toThrow(`cannot lock the run with ${join(file, 'run.lock')}: `);
  });
});
