import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { R5Error } from '../error.ts';
import { createRun, openRun, runNames, type NewRun, type Run } from './run-folder.ts';
import { testFolder } from './test-folder.ts';
import { mountTinyDisk } from './tiny-disk.ts';

const settings: NewRun = { task: 'countdown', config: { learningRate: 1e-3, model: { directory: 'models/r5-tiny' } }, seed: 7 };
const make = (parent: string, more: Partial<NewRun> = {}): Run => createRun(parent, { ...settings, ...more });

describe('createRun', () => {
  test('makes a folder that openRun reads back as it was', () => {
    const parent = join(testFolder(), 'not', 'there', 'yet');
    const run = make(parent);
    expect(run.name).toMatch(/^\d{4}-\d\d-\d\d-countdown-[0-9a-f]{6}$/);
    expect(run.name.endsWith(run.id)).toBe(true);
    expect(openRun(run.id, parent)).toEqual(run);
    expect(run).toMatchObject({ ...settings });
    expect(readdirSync(run.directory).sort()).toEqual(['checkpoints', 'config.json', 'events.jsonl']);
    expect(readdirSync(parent)).toEqual([run.name]);
  });

  test('names the folder by the local date and a plain form of the task', () => {
    const run = make(testFolder(), { task: '../My Task: größer!', created: new Date(2025, 0, 2, 23, 59) });
    expect(run.name).toBe(`2025-01-02-my-task-gr-er-${run.id}`);
    expect(run.task).toBe('../My Task: größer!');
  });

  test('refuses settings that JSON cannot hold', () => {
    const parent = testFolder();
    expect(() => make(parent, { config: { learningRate: NaN } })).toThrow(/cannot make a run with these settings: config\.learningRate/);
    expect(() => make(parent, { seed: 0.5 })).toThrow(/seed/);
    expect(readdirSync(parent)).toEqual([]);
  });

  test('names a parent that is a file', () => {
    const parent = join(testFolder(), 'file');
    writeFileSync(parent, '');
    expect(() => make(parent)).toThrow(R5Error);
    expect(() => make(parent)).toThrow(`cannot make a run in ${parent}: `);
  });

  test.skipIf(!existsSync('/proc/self'))('names a parent on a file system that takes no folders', () => {
    expect(() => make('/proc/r5-runs')).toThrow(R5Error);
    expect(() => make('/proc/r5-runs')).toThrow('cannot make a run in /proc/r5-runs: there is no such file or folder');
  });

  test('names a read-only parent and says what to do', (context) => {
    if (process.getuid?.() === 0) return context.skip('root may write into read-only folders');
    const parent = testFolder();
    chmodSync(parent, 0o555);
    onTestFinished(() => chmodSync(parent, 0o755));
    expect(() => make(parent)).toThrow(`cannot make a run in ${parent}: permission denied (EACCES). Change its permissions`);
  });

  test('leaves nothing behind on a full disk', (context) => {
    const disk = mountTinyDisk(16);
    if ('reason' in disk) return context.skip(disk.reason);
    onTestFinished(disk.unmount);
    expect(() => make(disk.directory, { config: { notes: 'x'.repeat(100_000) } })).toThrow(/the disk is full \(ENOSPC\)/);
    expect(readdirSync(disk.directory)).toEqual([]);
  });
});

describe('openRun', () => {
  test('takes a path, a name, an id, or the start of a name or an id', () => {
    const parent = testFolder();
    const run = make(parent, { created: new Date(2025, 0, 2) });
    make(parent, { task: 'sorting', created: new Date(2025, 0, 3) });
    for (const wanted of [run.directory, run.name, run.id, '2025-01-02', run.name.slice(0, -3)]) {
      expect(openRun(wanted, parent).directory).toBe(run.directory);
    }
  });

  test('takes a run that was moved elsewhere and renamed', () => {
    const parent = testFolder();
    const run = make(parent);
    renameSync(run.directory, join(parent, 'best so far'));
    expect(openRun(join(parent, 'best so far'), '/nowhere').id).toBe(run.id);
    expect(openRun('best', parent).name).toBe('best so far');
  });

  test('names near runs, or the newest, when there is none of that name', () => {
    const parent = testFolder();
    const run = make(parent, { created: new Date(2025, 0, 2) });
    const other = make(parent, { task: 'sorting', created: new Date(2025, 0, 3) });
    expect(() => openRun('countdown', parent)).toThrow(`there is no run 'countdown' in ${parent}. Did you mean ${run.name}?`);
    expect(() => openRun(`2025-01-02-cuontdown-${run.id}`, parent)).toThrow(`Did you mean ${run.name}`);
    expect(() => openRun('zzz', parent)).toThrow(`The newest are ${other.name}, ${run.name}.`);
    expect(() => openRun('', parent)).toThrow(R5Error);
  });

  test('says so when there are no runs at all', () => {
    expect(() => openRun('abc', join(testFolder(), 'runs'))).toThrow(/holds no runs\. Train one first/);
  });

  test('asks for more of the name when several fit', () => {
    const parent = testFolder();
    const names = [make(parent), make(parent)].map(({ name }) => name);
    expect(() => openRun(names[0]?.slice(0, 12) ?? '', parent)).toThrow(/could be any of 2 runs/);
  });

  test('names a config.json that is missing, unreadable, damaged or too new', () => {
    const parent = testFolder();
    const run = make(parent);
    const path = join(run.directory, 'config.json');
    const good = readFileSync(path, 'utf8');
    const expectError = (message: string): void => {
      expect(() => openRun(run.id, parent)).toThrow(R5Error);
      expect(() => openRun(run.id, parent)).toThrow(message);
    };
    writeFileSync(path, good.slice(0, 40));
    expectError(`${path} is damaged: not JSON`);
    writeFileSync(path, good.replace('"seed": 7', '"seed": "seven"'));
    expectError(`${path} is damaged: seed: `);
    writeFileSync(path, '{"model_type": "llama"}');
    expectError(`${path} is damaged: not a run's config.json`);
    writeFileSync(path, good.replace('"formatVersion": 1', '"formatVersion": 2'));
    expectError('Update r5');
    rmSync(path);
    expectError(`${run.directory} is not a run: it has no config.json`);
    mkdirSync(path);
    expectError(`cannot read ${path}: it is a folder`);
  });

  test('runNames passes over what is no run', () => {
    const parent = testFolder();
    const run = make(parent);
    mkdirSync(join(parent, '.2025-01-02-countdown-abcdef.partial'));
    mkdirSync(join(parent, 'notes'));
    writeFileSync(join(parent, 'readme.txt'), '');
    expect(runNames(parent)).toEqual([basename(run.directory)]);
  });
});
