import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { R5Error } from '../error.ts';
import { encodeEvent, type NewEvent, type RunEvent } from './event.ts';
import { effectiveEvents, loadEvents, readEvents } from './read-events.ts';
import { testFolder } from './test-folder.ts';

const time = '2025-01-02T03:04:05.678Z';
const step: NewEvent = {
  type: 'step', time, step: 1, reward: 0.5, rewardParts: { format: 1 }, parsedShare: 1, truncatedShare: 0, flatShare: 0.25, meanLength: 40,
  loss: -0.1, gradientNorm: 0.3, kl: 1e-9, ratioLargestDifference: 1e-6, learningRate: 1e-3, sampleTokensPerSecond: 9000,
  trainTokensPerSecond: 8000, seconds: 2,
};
const everyEvent: NewEvent[] = [
  { type: 'start', time, config: { steps: 3, model: { layers: [1, 2] } }, versions: { r5: '0.1.0' } },
  step,
  { type: 'supervised-step', time, step: 1, loss: 2, gradientNorm: 1, learningRate: 1e-3, trainTokensPerSecond: 10, seconds: 1 },
  { type: 'evaluation', time, step: 1, n: 512, accuracy: 0.5, interval: [0.45, 0.55], meanLength: 30, seconds: 4 },
  { type: 'check', time, step: 1, name: 'ratio', passed: true, value: 0, message: 'the sampler and the trainer agree' },
  {
    type: 'episode', time, step: 1, row: 7, rollout: 70, prompt: '1 2 3 = 6?\n', completion: 'lone surrogate \ud800, ünï ✓', reward: 1,
    verdict: 'correct', advantage: 0.5, tokens: 12, stopReason: 'stop',
  },
  { type: 'checkpoint', time, step: 1 },
  { type: 'warning', time, message: 'hm' },
  { type: 'resume', time, fromStep: 1 },
  { type: 'stop', time, reason: 'finished' },
];

function logOf(...lines: string[]): string {
  const path = join(testFolder(), 'events.jsonl');
  writeFileSync(path, lines.join(''));
  return path;
}

describe('readEvents', () => {
  test('gives back every kind of event as it was written', async () => {
    const loaded = await loadEvents(logOf(...everyEvent.map(encodeEvent)));
    expect(loaded).toEqual({ events: everyEvent, unknown: 0, warnings: [] });
  });

  test('keeps NaN and the infinities, which JSON has not', async () => {
    const odd = { loss: NaN, gradientNorm: Infinity, kl: -Infinity, metrics: { x: NaN } };
    const { events } = await loadEvents(logOf(encodeEvent({ ...step, ...odd })));
    expect(events[0]).toMatchObject(odd);
  });

  test('keeps fields and hands on types that a newer version wrote', async () => {
    const newer = { type: 'telepathy', time: 'whenever', depth: [1] };
    const entries = [];
    const lines = [{ type: 'checkpoint', time, step: 2, cost: 3 }, newer].map((event) => `${JSON.stringify(event)}\n`);
    for await (const entry of readEvents(logOf(...lines))) entries.push(entry);
    expect(entries).toEqual([
      { kind: 'event', line: 1, event: { type: 'checkpoint', time, step: 2, cost: 3 } },
      { kind: 'unknown', line: 2, event: newer },
    ]);
  });

  test('reports an unfinished last line as a warning, whatever the byte it was cut at', async () => {
    const whole = encodeEvent({ type: 'warning', time, message: 'erst' });
    const last = Buffer.from(encodeEvent({ type: 'warning', time, message: 'grün' }));
    const path = logOf('');
    for (let cut = 1; cut < last.length - 1; cut++) {
      writeFileSync(path, Buffer.concat([Buffer.from(whole), last.subarray(0, cut)]));
      const loaded = await loadEvents(path);
      expect(loaded.events).toHaveLength(1);
      expect(loaded.warnings).toEqual([`${path}, line 2: the last line is unfinished (${cut} bytes) and is ignored`]);
    }
    writeFileSync(path, Buffer.concat([Buffer.from(whole), last.subarray(0, -1)]));
    expect((await loadEvents(path)).events).toHaveLength(2);
  });

  test.each([
    ['not JSON', '{"type":"warn\n', /line 2: not a JSON value/],
    ['not an object', '[]\n', /line 2: not an event/],
    ['an empty line', '\n', /line 2: not a JSON value/],
    ['a missing field', `{"type":"checkpoint","time":"${time}"}\n`, /line 2: not a whole 'checkpoint' event: step/],
  ])('names the line of damage before the end: %s', async (_what, bad, expected) => {
    const path = logOf(encodeEvent(step), bad, encodeEvent(step));
    await expect(loadEvents(path)).rejects.toThrow(expected);
    await expect(loadEvents(path)).rejects.toThrow(R5Error);
    await expect(loadEvents(path)).rejects.toThrow(path);
  });

  test('passes over types that are not wanted', async () => {
    const loaded = await loadEvents(logOf(...everyEvent.map(encodeEvent)), { skip: ['episode', 'step'] });
    expect(loaded.events).toEqual(everyEvent.filter(({ type }) => type !== 'episode' && type !== 'step'));
  });

  test('reads lines longer than a block', async () => {
    const long = 'y'.repeat(300_000);
    const { events } = await loadEvents(logOf(encodeEvent({ type: 'warning', time, message: long }), encodeEvent(step)));
    expect(events).toMatchObject([{ message: long }, { type: 'step' }]);
  });

  test('names a log that is not there', async () => {
    const path = join(testFolder(), 'events.jsonl');
    await expect(loadEvents(path)).rejects.toThrow(`cannot read ${path}: there is no such file`);
  });
});

describe('effectiveEvents', () => {
  const at = (number: number): RunEvent => ({ type: 'checkpoint', time, step: number });
  const resume = (fromStep: number): RunEvent => ({ type: 'resume', time, fromStep });
  const steps = (events: RunEvent[]): number[] => effectiveEvents(events).flatMap((event) => ('step' in event ? [event.step ?? -1] : []));

  test('drops the steps that a later resume took back', () => {
    expect(steps([at(1), at(2), at(3), resume(2), at(3), at(4)])).toEqual([1, 2, 3, 4]);
    expect(effectiveEvents([at(2), at(3), resume(2), at(3)])).toEqual([at(2), resume(2), at(3)]);
  });

  test('holds over several resumes, also one from further back than the one before', () => {
    expect(steps([at(1), at(2), at(3), resume(3), at(4), resume(1), at(2), resume(2), at(3)])).toEqual([1, 2, 3]);
    expect(steps([at(1), at(2), resume(0), at(1)])).toEqual([1]);
  });

  test('keeps what belongs to no step', () => {
    const warning: RunEvent = { type: 'warning', time, message: 'hm' };
    expect(effectiveEvents([warning, at(1), resume(0)])).toEqual([warning, resume(0)]);
    expect(effectiveEvents([{ ...warning, step: 1 }, { ...warning, step: 2 }, resume(1)])).toEqual([{ ...warning, step: 1 }, resume(1)]);
  });
});
