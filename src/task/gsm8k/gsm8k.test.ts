import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadTask } from '../../train/load-task.ts';
import { validateTask } from '../validate.ts';
import { gsm8k } from './gsm8k.ts';

const folder = join(import.meta.dirname, '../../../../shared/data/gsm8k');

test.skipIf(!existsSync(folder))('every solution of GSM8K earns 1, and 0 for its neighbour unless they are equal (needs shared/data)', async () => {
  const task = gsm8k({ data: folder });
  const number = (answer: string): number => Number((answer.split('####')[1] ?? '').replaceAll(/[,$\s]/g, ''));
  for (const rows of [await task.train(), await task.test()]) {
    expect(rows.length).toBeGreaterThan(1000);
    const wrong = await Promise.all(
      rows.map(async (row, i) => {
        const next = rows[(i + 1) % rows.length] ?? row;
        const answer = (text: string) => ({ text, tokens: 1, stopReason: 'stop' as const });
        const own = await task.score(row, answer(task.solution?.(row) ?? ''));
        const other = await task.score(row, answer(task.solution?.(next) ?? ''));
        return own.reward === 1 && other.reward === Number(number(row.answer) === number(next.answer)) ? [] : [i];
      }),
    );
    expect(wrong.flat()).toEqual([]);
  }
}, 60_000);

test('rows come from a file, in two sets that never overlap', async () => {
  const file = join(import.meta.dirname, 'sums.fixture.jsonl');
  const task = await loadTask('gsm8k', { data: file, columns: { question: 'q', answer: 'a' } });
  const report = await validateTask(task);
  expect(report).toMatchObject({ passed: true, trainRows: expect.any(Number) });
  expect(report.trainRows + report.testRows).toBe(40);
});

test('data that does not fit is refused with the row and the columns', async () => {
  const task = gsm8k({ data: join(import.meta.dirname, 'sums.fixture.jsonl') });
  await expect(task.train()).rejects.toThrow(/row 0: question: .* The row has the columns q, a; map them with --columns/);
  await expect(loadTask('countdown', { data: 'x.jsonl' })).rejects.toThrow(/brings its own rows/);
});
