import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { type ReadingLimits, ReadingThreads } from './reading-threads.ts';

function threads(limits: ReadingLimits = {}): { read: (html: string, signal?: AbortSignal) => Promise<string> } {
  const opened = new ReadingThreads(limits);
  onTestFinished(() => opened.close());
  return {
    read: async (html, signal = new AbortController().signal) => (await opened.read({ bytes: Buffer.from(html), url: 'https://example.org/', contentType: 'text/html' }, { signal })).document.text,
  };
}

/** The parser takes minutes for it: each element lies in all those before. */
const ENDLESS = '<b>a'.repeat(1_000_000);
const PLAIN = '<p>The bridge opened in 1932.</p>';

test('a page that its parser never ends with is given up in time, and the program goes on meanwhile', { timeout: 30_000 }, async () => {
  const { read } = threads({ timeoutMs: 5000 });
  expect(await read(PLAIN)).toBe('The bridge opened in 1932.');
  let ticks = 0;
  const clock = setInterval(() => ticks++, 20);
  await expect(read(ENDLESS)).rejects.toMatchObject({ kind: 'unreadable', message: expect.stringContaining('took more than 5 s') });
  clearInterval(clock);
  expect(ticks).toBeGreaterThan(40);
  expect(await read(PLAIN)).toBe('The bridge opened in 1932.');
});

test('a page that fills the memory ends its thread and nothing else', async () => {
  const { read } = threads({ memoryMb: 40 });
  await expect(read(`<p>${'<i>a</i>'.repeat(300_000)}`)).rejects.toMatchObject({ kind: 'unreadable' });
  expect(await read(PLAIN)).toBe('The bridge opened in 1932.');
});

test('more pages than threads wait their turn, and one that is aborted ends at once', async () => {
  const { read } = threads({ timeoutMs: 60_000 });
  const stop = new AbortController();
  const started = performance.now();
  const endless = [read(ENDLESS, stop.signal), read(ENDLESS, stop.signal), read(ENDLESS, stop.signal)].map((work) => work.catch((cause: unknown) => cause));
  const patient = read(PLAIN);
  await sleep(300);
  stop.abort(new Error('enough'));
  expect(await Promise.all(endless)).toEqual([new Error('enough'), new Error('enough'), new Error('enough')]);
  expect(await patient).toBe('The bridge opened in 1932.');
  expect(performance.now() - started).toBeLessThan(10_000);
});
