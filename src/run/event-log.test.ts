import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { R5Error } from '../error.ts';
import type { NewEvent } from './event.ts';
import { EventLog } from './event-log.ts';
import { loadEvents } from './read-events.ts';
import { testFolder } from './test-folder.ts';
import { mountTinyDisk } from './tiny-disk.ts';

const time = '2025-01-02T03:04:05.678Z';
const warning = (message: string): NewEvent => ({ type: 'warning', time, message });
const line = (message: string): string => `${JSON.stringify({ type: 'warning', time, message })}\n`;

function openLog(path: string): EventLog {
  const log = EventLog.open(path);
  onTestFinished(() => log.close());
  return log;
}

describe('EventLog', () => {
  test('writes one line an event, after what is there already', () => {
    const path = join(testFolder(), 'events.jsonl');
    const log = openLog(path);
    log.append(warning('first'));
    log.close();
    openLog(path).append(warning('second\nwith a line break'));
    expect(readFileSync(path, 'utf8')).toBe(line('first') + line('second\nwith a line break'));
  });

  test('dates an event that has no time', async () => {
    const path = join(testFolder(), 'events.jsonl');
    openLog(path).append({ type: 'checkpoint', step: 3 });
    const [event] = (await loadEvents(path)).events;
    expect(event).toMatchObject({ type: 'checkpoint', step: 3, time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) });
  });

  test('refuses an event that no reader would take, and writes nothing of it', () => {
    const path = join(testFolder(), 'events.jsonl');
    const log = openLog(path);
    expect(() => log.append({ type: 'checkpoint', step: -1 })).toThrow(/cannot log a 'checkpoint' event: step/);
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  test('cuts an unfinished last line off and keeps its bytes beside', async () => {
    const path = join(testFolder(), 'events.jsonl');
    const torn = line('second').slice(0, 30);
    writeFileSync(path, line('first') + torn);
    const log = openLog(path);
    expect(log.repaired).toContain('30 bytes were moved');
    log.append(warning('third'));
    expect(readFileSync(path, 'utf8')).toBe(line('first') + line('third'));
    expect(readFileSync(`${path}.partial`, 'utf8')).toBe(`${torn}\n`);
  });

  test('completes a last line that lacks only its line break', () => {
    const path = join(testFolder(), 'events.jsonl');
    writeFileSync(path, line('first') + line('second').trimEnd());
    const log = openLog(path);
    log.append(warning('third'));
    expect(log.repaired).toContain('completed');
    expect(readFileSync(path, 'utf8')).toBe(line('first') + line('second') + line('third'));
    expect(existsSync(`${path}.partial`)).toBe(false);
  });

  test('repairs a last line longer than one read', () => {
    const path = join(testFolder(), 'events.jsonl');
    writeFileSync(path, line('first') + line('x'.repeat(200_000)).slice(0, 190_000));
    openLog(path);
    expect(readFileSync(path, 'utf8')).toBe(line('first'));
    expect(statSync(`${path}.partial`).size).toBe(190_001);
  });

  test('cuts the zeros that a power cut leaves at the end', () => {
    const path = join(testFolder(), 'events.jsonl');
    writeFileSync(path, line('first') + '\0'.repeat(100));
    openLog(path);
    expect(readFileSync(path, 'utf8')).toBe(line('first'));
  });

  test('names the file and the cause when it cannot be opened', () => {
    const folder = testFolder();
    writeFileSync(join(folder, 'file'), '');
    const path = join(folder, 'file', 'events.jsonl');
    expect(() => EventLog.open(path)).toThrow(R5Error);
    expect(() => EventLog.open(path)).toThrow(`cannot open the log ${path} for writing: a part of the path is a file`);
  });

  test.skipIf(!existsSync('/dev/full'))('a device that takes nothing gives an R5Error', () => {
    const log = openLog('/dev/full');
    expect(() => log.append(warning('lost'))).toThrow('cannot write to the log /dev/full: the disk is full (ENOSPC)');
    expect(() => log.append(warning('lost'))).toThrow(R5Error);
  });

  test('a full disk costs the one line that did not fit; the log stays whole and goes on when there is room', async (context) => {
    const disk = mountTinyDisk(64);
    if ('reason' in disk) return context.skip(disk.reason);
    onTestFinished(disk.unmount);
    const path = join(disk.directory, 'events.jsonl');
    const log = openLog(path);
    let written = 0;
    // 5 KB a line: lines cross page borders, so the last one goes in partly before the disk is full.
    const append = (): void => {
      for (; written < 100; written++) log.append(warning('x'.repeat(5000)));
    };
    expect(append).toThrow(`cannot write to the log ${path}: the disk is full (ENOSPC). Free some space`);
    expect(written).toBeGreaterThan(5);
    expect(readFileSync(path, 'utf8')).toBe(line('x'.repeat(5000)).repeat(written));
    log.append(warning('short enough'));
    const loaded = await loadEvents(path);
    expect(loaded.events).toHaveLength(written + 1);
    expect(loaded.warnings).toEqual([]);
  });

  test('appends where another writer left the end', () => {
    const path = join(testFolder(), 'events.jsonl');
    const log = openLog(path);
    log.append(warning('first'));
    appendFileSync(path, line('by hand'));
    log.append(warning('second'));
    expect(readFileSync(path, 'utf8')).toBe(line('first') + line('by hand') + line('second'));
  });
});
