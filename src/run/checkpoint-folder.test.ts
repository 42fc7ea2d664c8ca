import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { R5Error } from '../error.ts';
import { latestCheckpoint, listCheckpoints, pruneCheckpoints, verifyCheckpoint, writeCheckpoint } from './checkpoint-folder.ts';
import { testFolder } from './test-folder.ts';
import { mountTinyDisk } from './tiny-disk.ts';

interface TestRun {
  directory: string;
}

const makeRun = (): TestRun => ({ directory: testFolder() });

/** A checkpoint with a file, and one in a folder of it. */
function write(run: TestRun, step: number, text = `weights of ${step}`): Promise<string> {
  return writeCheckpoint(run, step, async (directory) => {
    writeFileSync(join(directory, 'weights'), text);
    mkdirSync(join(directory, 'state'));
    writeFileSync(join(directory, 'state', 'adam'), Buffer.alloc(1000, step));
  });
}

const contents = (directory: string): string => readFileSync(join(directory, 'weights'), 'utf8');
const namesOf = (run: TestRun): string[] => readdirSync(join(run.directory, 'checkpoints')).sort();

describe('writeCheckpoint', () => {
  test('what it wrote is the latest', async () => {
    const run = makeRun();
    expect(await latestCheckpoint(run)).toBeUndefined();
    for (const step of [1, 2, 10]) await write(run, step);
    const latest = await latestCheckpoint(run);
    expect(latest).toEqual({ step: 10, directory: join(run.directory, 'checkpoints', 'step-10'), skipped: [] });
    expect(contents(latest?.directory ?? '')).toBe('weights of 10');
    expect(namesOf(run)).toEqual(['step-1', 'step-10', 'step-2']);
  });

  test('replaces one of the same step', async () => {
    const run = makeRun();
    await write(run, 1, 'old');
    expect(contents(await write(run, 1, 'new'))).toBe('new');
    expect(namesOf(run)).toEqual(['step-1']);
  });

  test('leaves the one before alone when writing fails', async () => {
    const run = makeRun();
    await write(run, 1, 'old');
    const failing = writeCheckpoint(run, 1, async (directory) => {
      writeFileSync(join(directory, 'weights'), 'half');
      throw new R5Error('the engine is gone');
    });
    await expect(failing).rejects.toThrow('the engine is gone');
    expect(namesOf(run)).toEqual(['step-1']);
    expect(contents((await latestCheckpoint(run))?.directory ?? '')).toBe('old');
  });

  test('leaves the one before alone on a full disk, says so, and frees what it took', async (context) => {
    const disk = mountTinyDisk(256);
    if ('reason' in disk) return context.skip(disk.reason);
    onTestFinished(disk.unmount);
    const run = { directory: join(disk.directory, 'run') };
    await write(run, 1);
    await expect(write(run, 2, 'x'.repeat(1_000_000))).rejects.toThrow(
      `cannot write the checkpoint ${join(run.directory, 'checkpoints', 'step-2')}: the disk is full (ENOSPC). Free some space`,
    );
    expect(namesOf(run)).toEqual(['step-1']);
    expect(await latestCheckpoint(run)).toMatchObject({ step: 1, skipped: [] });
    await write(run, 2);
    expect(await latestCheckpoint(run)).toMatchObject({ step: 2 });
  });

  test('clears away what crashed writes left', async () => {
    const run = makeRun();
    await write(run, 1);
    for (const name of ['.step-2.partial', '.step-1.replaced', '.step-0.removed']) {
      mkdirSync(join(run.directory, 'checkpoints', name));
      writeFileSync(join(run.directory, 'checkpoints', name, 'weights'), 'rest');
    }
    await write(run, 3);
    expect(namesOf(run)).toEqual(['step-1', 'step-3']);
  });

  test('finds and puts back one whose replacement crashed between the two renames', async () => {
    const run = makeRun();
    const directory = await write(run, 5, 'old');
    const aside = join(run.directory, 'checkpoints', '.step-5.replaced');
    renameSync(directory, aside);
    expect(await latestCheckpoint(run)).toEqual({ step: 5, directory: aside, skipped: [] });
    await write(run, 6);
    expect(contents(directory)).toBe('old');
    expect(namesOf(run)).toEqual(['step-5', 'step-6']);
  });

  test('refuses what it cannot seal', async () => {
    const run = makeRun();
    const linked = writeCheckpoint(run, 1, async (directory) => symlinkSync('/etc/hostname', join(directory, 'link')));
    await expect(linked).rejects.toThrow(/link is neither a file nor a folder/);
    const named = writeCheckpoint(run, 1, async (directory) => writeFileSync(join(directory, 'manifest.json'), '{}'));
    await expect(named).rejects.toThrow(/has a manifest\.json already/);
    expect(namesOf(run)).toEqual([]);
  });

  test('names the folder when the run cannot be written', async () => {
    const file = join(testFolder(), 'file');
    writeFileSync(file, '');
    await expect(write({ directory: file }, 1)).rejects.toThrow(`cannot write the checkpoint ${join(file, 'checkpoints', 'step-1')}: `);
  });
});

const outside = { formatVersion: 1, step: 2, files: [{ path: '../../x', size: 1, sha256: '0'.repeat(64) }] };

const damages: [what: string, reason: string, damage: (directory: string) => void][] = [
  ['a changed byte', 'state/adam has other contents than were written', (at) =>
    writeFileSync(join(at, 'state', 'adam'), Buffer.alloc(1000, 99))],
  ['a file cut short', 'weights has 3 bytes instead of 12', (at) => writeFileSync(join(at, 'weights'), 'wei')],
  ['a missing file', 'weights is missing', (at) => rmSync(join(at, 'weights'))],
  ['a folder in place of a file', 'weights is not a file', (at) => (rmSync(join(at, 'weights')), mkdirSync(join(at, 'weights')))],
  ['no manifest', 'manifest.json is missing', (at) => rmSync(join(at, 'manifest.json'))],
  ['a cut manifest', 'manifest.json is not JSON', (at) => writeFileSync(join(at, 'manifest.json'), '{"formatVersion": 1, "st')],
  ['a manifest of something else', 'manifest.json: formatVersion', (at) => writeFileSync(join(at, 'manifest.json'), '{"name": "app"}')],
  ['a manifest of another step', 'manifest.json speaks of step 7', (at) =>
    writeFileSync(join(at, 'manifest.json'), '{"formatVersion": 1, "step": 7, "files": []}')],
  ['a manifest that points outside', 'the path must lie within the folder', (at) =>
    writeFileSync(join(at, 'manifest.json'), JSON.stringify(outside))],
];

describe('latestCheckpoint', () => {
  test.each(damages)('passes over one with %s and says why', async (_what, reason, damage) => {
    const run = makeRun();
    const good = await write(run, 1);
    const bad = await write(run, 2);
    damage(bad);
    const latest = await latestCheckpoint(run);
    expect(latest).toEqual({ step: 1, directory: good, skipped: [{ directory: bad, reason: expect.stringContaining(reason) }] });
    await expect(verifyCheckpoint({ step: 2, directory: bad })).rejects.toThrow(reason);
    await expect(verifyCheckpoint({ step: 1, directory: good })).resolves.toBeUndefined();
  });

  test('throws when there are some and none is whole', async () => {
    const run = makeRun();
    for (const step of [1, 2]) rmSync(join(await write(run, step), 'weights'));
    await expect(latestCheckpoint(run)).rejects.toThrow(R5Error);
    await expect(latestCheckpoint(run)).rejects.toThrow(/no checkpoint .* is whole.*step-2: weights is missing;.*step-1: weights is/);
  });

  test('does not mind files that were put beside', async () => {
    const run = makeRun();
    writeFileSync(join(await write(run, 1), 'notes.txt'), 'mine');
    expect(await latestCheckpoint(run)).toMatchObject({ step: 1, skipped: [] });
  });
});

describe('pruneCheckpoints', () => {
  test('keeps the newest', async () => {
    const run = makeRun();
    for (const step of [1, 2, 9, 10]) await write(run, step);
    const pruned = await pruneCheckpoints(run, 2);
    expect(pruned.kept.map(({ step }) => step)).toEqual([10, 9]);
    expect(pruned.removed.map(({ step }) => step)).toEqual([2, 1]);
    expect(listCheckpoints(run).map(({ step }) => step)).toEqual([9, 10]);
    expect(namesOf(run)).toEqual(['step-10', 'step-9']);
  });

  test('never counts a damaged one as kept', async () => {
    const run = makeRun();
    const whole = await write(run, 1);
    const damaged = await write(run, 2);
    writeFileSync(join(damaged, 'weights'), 'flipped!!!!!');
    const pruned = await pruneCheckpoints(run, 1);
    expect(pruned.kept).toEqual([{ step: 1, directory: whole }]);
    expect(pruned.skipped).toMatchObject([{ directory: damaged }]);
    expect(existsSync(damaged)).toBe(true);
  });

  test('refuses to keep none', async () => {
    await expect(pruneCheckpoints(makeRun(), 0)).rejects.toThrow(R5Error);
  });
});
