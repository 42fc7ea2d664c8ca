/** One at a time, whatever became of those before. */
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { withDownloadLock } from './download-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'r5-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('holders take turns, also when one of them fails', async () => {
  const path = join(folder, 'a');
  let inside = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, ++inside);
    await new Promise((done) => setTimeout(done, 5));
    inside--;
    throw new Error('failed');
  };
  const ends = await Promise.allSettled([1, 2, 3].map(() => withDownloadLock(path, work)));
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(most).toBe(1);
  expect(readdirSync(folder)).toEqual([]);
});

test('the lock of a dead process, and one that nobody has touched for a minute, are taken over', async () => {
  const path = join(folder, 'b');
  writeFileSync(path, `999999999 ${hostname()} x`);
  expect(await withDownloadLock(path, async () => 1)).toBe(1);
  writeFileSync(path, '1 another-machine x');
  utimesSync(path, new Date(), new Date(Date.now() - 120_000));
  expect(await withDownloadLock(path, async () => 2)).toBe(2);
});

test('a living holder is waited for, and that is told once', async () => {
  const path = join(folder, 'c');
  writeFileSync(path, `${process.pid} ${hostname()} x`);
  setTimeout(() => rmSync(path), 250);
  let told = 0;
  await withDownloadLock(path, async () => undefined, () => void told++);
  expect(told).toBe(1);
});
