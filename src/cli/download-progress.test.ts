/** What a person sees of a download, on a terminal and in a log. */
import { PassThrough } from 'node:stream';
import { WriteStream } from 'node:tty';
import { afterEach, expect, test, vi } from 'vitest';
import { toldProgress, type HubProgress } from '../hub/progress.ts';
import { showDownloads } from './download-progress.ts';
import { advanceDownload, endLine, fileLines, isDownloaded, startDownload, totalLine } from './download-state.ts';

const plan = { type: 'plan', repository: 'a/b', commit: '0123456789', files: 2, totalBytes: 3e9, missingBytes: 2e9 } as const;
const file = (path: string, receivedBytes: number, totalBytes: number, done = false) => ({ type: 'file', path, receivedBytes, totalBytes, done }) as const;

afterEach(() => vi.unstubAllEnvs());

test('share, speed and time left count what came now, not what an earlier download left', () => {
  let state = startDownload(plan, 1000);
  expect(totalLine(state, 1000)).toBe('a/b: 0 B of 2.00 GB, 0 %');
  state = advanceDownload(state, file('x', 1.5e9, 2.5e9));
  state = advanceDownload(state, file('x', 2e9, 2.5e9));
  expect(totalLine(state, 6000)).toBe('a/b: 500 MB of 2.00 GB, 25 %  100 MB/s  left 15 s');
  expect(fileLines(state)).toEqual(['  x  2.00 GB of 2.50 GB']);
  state = advanceDownload(advanceDownload(state, file('y', 0, 1e9)), file('y', 1e9, 1e9, true));
  expect(isDownloaded(state)).toBe(false);
  state = advanceDownload(state, file('x', 2.5e9, 2.5e9, true));
  expect(isDownloaded(state)).toBe(true);
  expect(endLine(state, 21_000)).toBe('downloaded a/b: 2.00 GB in 20 s, 100 MB/s');
});

function shown(events: readonly HubProgress[], terminal: boolean): string {
  const written: string[] = [];
  const stream = Object.setPrototypeOf(new PassThrough(), WriteStream.prototype);
  Object.defineProperties(stream, {
    isTTY: { value: terminal },
    columns: { value: 40 },
    write: { value: (text: string) => written.push(text) },
  });
  const downloads = showDownloads(stream);
  const tell = toldProgress(undefined);
  for (const event of events) tell(event);
  downloads.close();
  tell({ type: 'notice', message: 'after the end' });
  return written.join('');
}

test('a log gets a line at the beginning, notices, and a line at the end', () => {
  const text = shown([plan, { type: 'notice', message: 'Trying again.' }, file('x', 2e9, 2e9, true), file('y', 1, 1, true)], false);
  expect(text).toMatch(/^downloading a\/b \(commit 0123456\): 2 files, 2\.00 GB\nTrying again\.\ndownloaded a\/b: .*\n$/);
});

test('a terminal gets its cursor back when a download fails in the middle', async () => {
  vi.stubEnv('CI', '');
  vi.stubEnv('TERM', 'xterm');
  const clock = vi.spyOn(performance, 'now');
  clock.mockReturnValue(0);
  const events: HubProgress[] = [plan];
  for (let i = 1; i <= 3; i++) events.push(file('x', i * 1e6, 2e9));
  let time = 0;
  clock.mockImplementation(() => (time += 500));
  const text = shown(events, true);
  clock.mockRestore();
  expect(text).toContain('x  3.00 MB of 2.00 GB');
  expect(text.endsWith('\x1b[?25h')).toBe(true);
});
