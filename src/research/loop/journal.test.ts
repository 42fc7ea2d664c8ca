import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { testFolder } from '../../run/test-folder.ts';
import { SourceError } from '../source-error.ts';
import { BudgetError } from './budget-error.ts';
import { Journal } from './journal.ts';
import { readJournal } from './journal-file.ts';
import { ReplayError } from './replay-error.ts';
import { createResearchRun, forkResearchRun, journalPath, openResearchRun } from './run-folder.ts';

const parse = (value: unknown): number => z.number().parse(value);
const add = (journal: Journal, n: number, run: () => Promise<number>) => journal.perform({ kind: 'add', input: { n }, parse, run });

test('what has finished is not performed again, what has only started is', async () => {
  const run = createResearchRun(testFolder(), 'Why?', {});
  const performed = vi.fn(async () => 7);
  const journal = Journal.open(journalPath(run));
  expect(await add(journal, 1, performed)).toBe(7);
  await expect(add(journal, 2, () => Promise.reject(new Error('pulled out')))).rejects.toThrow('pulled out');
  journal.close();

  const again = Journal.open(journalPath(run));
  expect(await add(again, 1, () => Promise.reject(new Error('never')))).toBe(7);
  expect(await add(again, 2, async () => 8)).toBe(8);
  again.close();
  const replay = Journal.replay(journalPath(run));
  expect([await add(replay, 2, performed), await add(replay, 1, performed)]).toEqual([8, 7]);
  await expect(add(replay, 1, performed)).rejects.toThrow(ReplayError);
  expect(performed).toHaveBeenCalledTimes(1);
});

test('the same effect twice has two results, in the order in which it was asked for', async () => {
  const run = createResearchRun(testFolder(), 'Why?', {});
  const journal = Journal.open(journalPath(run));
  const slow = add(journal, 1, () => new Promise((resolve) => setTimeout(() => resolve(1), 20)));
  const quick = add(journal, 1, async () => 2);
  expect(await Promise.all([slow, quick])).toEqual([1, 2]);
  journal.close();
  const replay = Journal.replay(journalPath(run));
  expect([await add(replay, 1, async () => 0), await add(replay, 1, async () => 0)]).toEqual([1, 2]);
});

test('a failure is remembered with its kind; one of the budget is tried again', async () => {
  const run = createResearchRun(testFolder(), 'Why?', {});
  const journal = Journal.open(journalPath(run));
  await expect(add(journal, 1, () => Promise.reject(new SourceError('rate-limited', 'slow down', { retryAfterMs: 5 })))).rejects.toThrow('slow down');
  await expect(add(journal, 2, () => Promise.reject(new BudgetError('money', 'too dear')))).rejects.toThrow('too dear');
  journal.close();
  const again = Journal.open(journalPath(run));
  const failure = await add(again, 1, async () => 1).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(SourceError);
  expect(failure).toMatchObject({ kind: 'rate-limited', retryAfterMs: 5, message: 'slow down' });
  expect(await add(again, 2, async () => 2)).toBe(2);
  again.close();
});

test('facts are written once however often the run is repeated', async () => {
  const run = createResearchRun(testFolder(), 'Why?', {});
  for (let round = 0; round < 3; round++) {
    const journal = Journal.open(journalPath(run));
    journal.tell('found', { b: 1, a: 2 });
    journal.tell('found', { a: 2, b: 1 });
    journal.close();
  }
  expect(readJournal(journalPath(run)).filter(({ type }) => type === 'fact')).toHaveLength(2);
});

test('a last line that was cut off is dropped, a damaged one before it is named', async () => {
  const run = createResearchRun(testFolder(), 'Why?', {});
  const path = journalPath(run);
  const journal = Journal.open(path);
  await add(journal, 1, async () => 1);
  journal.close();
  const whole = readFileSync(path, 'utf8');
  appendFileSync(path, '{"type":"finis');
  expect(readJournal(path)).toHaveLength(3);
  const again = Journal.open(path);
  expect(again.repaired).toMatch(/unfinished/);
  again.close();
  expect(readFileSync(path, 'utf8')).toBe(whole);
  writeFileSync(path, whole.replace('"started"', '"startled"'));
  expect(() => Journal.open(path)).toThrow(/line 2/);
});

test('a fork has gone the same way up to its event, and knows where it came from', async () => {
  const folder = testFolder();
  const run = createResearchRun(folder, 'Why is it so?', { depth: 2 });
  const journal = Journal.open(journalPath(run));
  await add(journal, 1, async () => 1);
  await add(journal, 2, async () => 2);
  journal.close();
  const fork = forkResearchRun(run, 3, { depth: 3 });
  const way = Journal.open(journalPath(fork));
  expect(await add(way, 1, async () => 10)).toBe(1);
  expect(await add(way, 2, async () => 20)).toBe(20);
  way.close();
  expect(readJournal(journalPath(fork))[0]).toMatchObject({ forkedFrom: { run: run.id, event: 3 }, settings: { depth: 3 } });
  expect(() => forkResearchRun(run, 99)).toThrow(/events 1 to 5/);
  expect(openResearchRun(fork.id, folder)).toEqual(fork);
  expect(openResearchRun(join(folder, run.name), 'elsewhere').id).toBe(run.id);
  expect(() => openResearchRun('nothing', folder)).toThrow(/no research run 'nothing'/);
});
