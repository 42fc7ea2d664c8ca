import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { dataSets } from './data-rows.ts';

const schema = z.object({ id: z.number() });

/** A folder with files of numbered rows. */
function folderWith(files: Readonly<Record<string, readonly number[]>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'r5-rows-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, ids] of Object.entries(files)) writeFileSync(join(folder, name), ids.map((id) => `${JSON.stringify({ id })}\n`).join(''));
  return folder;
}

async function idsOf(data: string): Promise<{ train: number[]; heldOut: number[] }> {
  const sets = dataSets({ task: 'demo', options: { data }, schema });
  const [train, heldOut] = await Promise.all([sets.train(), sets.test()]);
  return { train: train.map(({ id }) => id), heldOut: heldOut.map(({ id }) => id) };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const sorted = (ids: readonly number[]): number[] => ids.toSorted((a, b) => a - b);

test('the sets of the data are kept, and validation stands in for test', async () => {
  expect(await idsOf(folderWith({ 'train.jsonl': [1, 2], 'test.jsonl': [3] }))).toEqual({ train: [1, 2], heldOut: [3] });
  expect(await idsOf(folderWith({ 'train.jsonl': [1, 2], 'validation.jsonl': [4] }))).toEqual({ train: [1, 2], heldOut: [4] });
  expect(await idsOf(folderWith({ 'train.jsonl': [1], 'test.jsonl': [3], 'validation.jsonl': [4] }))).toEqual({ train: [1], heldOut: [3] });
});

test.each(['train.jsonl', 'test.jsonl'])('a folder with nothing but %s is cut in two', async (name) => {
  const { train, heldOut } = await idsOf(folderWith({ [name]: range(0, 400) }));
  expect(sorted([...train, ...heldOut])).toEqual(range(0, 400));
  expect(heldOut.length).toBeGreaterThan(15);
  expect(heldOut.length).toBeLessThan(80);
});

test('a file is cut the same way whatever order its rows are in, and twins stay together', async () => {
  const ids = range(0, 300);
  const folder = folderWith({ 'all.jsonl': ids, 'reversed.jsonl': ids.toReversed(), 'twice.jsonl': [...ids, ...ids] });
  const first = await idsOf(join(folder, 'all.jsonl'));
  const reversed = await idsOf(join(folder, 'reversed.jsonl'));
  const twice = await idsOf(join(folder, 'twice.jsonl'));
  expect(sorted(reversed.heldOut)).toEqual(first.heldOut);
  expect(twice.heldOut).toEqual([...first.heldOut, ...first.heldOut]);
});

test('data that is not there is an error and no empty set', async () => {
  await expect(idsOf(join(tmpdir(), 'r5-no-such-file.jsonl'))).rejects.toThrow(/no dataset/);
  await expect(idsOf(folderWith({ 'notes.txt': [] }))).rejects.toThrow(/holds no files of rows/);
  await expect(dataSets({ task: 'demo', options: {}, schema }).train()).rejects.toThrow('The task demo has no data of its own: give --data');
});
