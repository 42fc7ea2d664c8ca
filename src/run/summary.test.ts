import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { NewEvent } from './event.ts';
import { createRun, eventsPath, openRun, type Run } from './run-folder.ts';
import { openForWriting } from './run-writer.ts';
import { listRuns, summarizeRun } from './summary.ts';
import { testFolder } from './test-folder.ts';

const step = (number: number, reward: number): NewEvent => ({
  type: 'step', step: number, reward, parsedShare: 1, truncatedShare: 0, flatShare: 0, meanLength: 10, loss: 0, gradientNorm: 1, kl: 0,
  ratioLargestDifference: 0, learningRate: 1e-3, sampleTokensPerSecond: 1, trainTokensPerSecond: 1, seconds: 1,
});
const evaluation = (at: number, accuracy: number): NewEvent => ({
  type: 'evaluation', step: at, n: 10, accuracy, interval: [0, 1], meanLength: 10, seconds: 1,
});

function makeRun(parent: string, day = 1): Run {
  return createRun(parent, { task: 'countdown', config: {}, seed: day, created: new Date(2025, 0, day) });
}

function log(run: Run, ...events: NewEvent[]): Run {
  const writer = openForWriting(run);
  for (const event of events) writer.log.append(event);
  writer.close();
  return run;
}

test('a summary holds what the log says, without what a resume took back', async () => {
  const run = makeRun(testFolder());
  log(run, evaluation(0, 0.2), step(1, 0.1), step(2, 0.3), evaluation(2, 0.9), step(3, 0.9));
  log(run, { type: 'resume', fromStep: 1 }, step(2, 0.4), evaluation(2, 0.5), { type: 'stop', reason: 'finished', message: 'done' });
  expect(await summarizeRun(run)).toEqual({
    name: run.name, id: run.id, directory: run.directory, task: 'countdown', seed: 1, started: run.created, state: 'finished',
    message: 'done', steps: 2, rewards: [0.1, 0.4], lastReward: 0.4, firstAccuracy: 0.2, lastAccuracy: 0.5, warnings: [],
  });
});

test('the state tells how the run ended', async () => {
  const parent = testFolder();
  const stateOf = async (run: Run): Promise<string> => (await summarizeRun(run)).state;
  expect(await stateOf(log(makeRun(parent)))).toBe('interrupted');
  expect(await stateOf(log(makeRun(parent), step(1, 0)))).toBe('interrupted');
  expect(await stateOf(log(makeRun(parent), step(1, 0), { type: 'stop', reason: 'interrupted' }))).toBe('stopped');
  expect(await stateOf(log(makeRun(parent), step(1, 0), { type: 'stop', reason: 'failed' }))).toBe('failed');
  const resumed = log(makeRun(parent), { type: 'stop', reason: 'interrupted' }, { type: 'resume', fromStep: 0 });
  expect(await stateOf(resumed)).toBe('interrupted');
  const writer = openForWriting(resumed);
  onTestFinished(writer.close);
  expect(await stateOf(resumed)).toBe('running');
});

test('two writers of one run are kept apart, and a failed opening gives the lock back', () => {
  const run = makeRun(testFolder());
  const writer = openForWriting(run);
  expect(() => openForWriting(run)).toThrow('is being written by process');
  writer.close();
  openForWriting(openRun(run.id, join(run.directory, '..'))).close();
});

test('opening repairs a torn log and says so in it', async () => {
  const run = log(makeRun(testFolder()), step(1, 0.5));
  appendFileSync(eventsPath(run), '{"type":"step","ti');
  expect((await summarizeRun(run)).warnings).toEqual([expect.stringContaining('line 2: the last line is unfinished')]);
  log(run, step(2, 0.6));
  expect(await summarizeRun(run)).toMatchObject({ rewards: [0.5, 0.6], warnings: [] });
});

test('listRuns gives the newest first and lists damaged runs apart', async () => {
  const parent = testFolder();
  const [first, second, third] = [makeRun(parent, 1), makeRun(parent, 3), makeRun(parent, 2)];
  const broken = makeRun(parent, 4);
  writeFileSync(join(broken.directory, 'config.json'), '{');
  const torn = makeRun(parent, 5);
  writeFileSync(eventsPath(torn), 'nonsense\n');
  const list = await listRuns(parent);
  expect(list.runs.map(({ id }) => id)).toEqual([second.id, third.id, first.id]);
  expect(list.unreadable).toEqual([
    { name: broken.name, directory: broken.directory, problem: expect.stringContaining('is damaged: not JSON') },
    { name: torn.name, directory: torn.directory, problem: expect.stringContaining('line 1') },
  ]);
});

test('a folder that is not there holds no runs', async () => {
  expect(await listRuns(join(testFolder(), 'runs'))).toEqual({ runs: [], unreadable: [] });
});
