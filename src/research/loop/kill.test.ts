import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { testFolder } from '../../run/test-folder.ts';
import { citesSomething } from './cites-something.fixture.ts';
import { readJournal } from './journal-file.ts';
import { research, resumeResearch } from './research.ts';
import { createResearchRun, journalPath } from './run-folder.ts';
import { honestBrain, startWorld, worldModel, worldPages, worldSource } from './scripted-world.fixture.ts';

const child = fileURLToPath(new URL('research-child.fixture.ts', import.meta.url));

/** Runs for that many events, or to the end. */
function runChild(words: readonly string[]): Promise<{ signal: NodeJS.Signals | null; output: string }> {
  const started = spawn(process.execPath, [child, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  started.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve, reject) => started.on('error', reject).on('close', (_code, signal) => resolve({ signal, output })));
}

const question = 'When did the bridge open, and how high is it?';
const reportOf = (directory: string): string => readFileSync(join(directory, 'report.md'), 'utf8');

/** Nothing is begun that had finished, and nobody was asked for anything that the journal does not know of. */
function expectNoRepeats(directory: string, asked: number): void {
  const done = new Set<string>();
  let starts = 0;
  for (const event of readJournal(journalPath({ directory }))) {
    if (!('kind' in event)) continue;
    const name = `${event.key} ${event.occurrence}`;
    if (event.type === 'started') expect(done.has(name), `${event.kind} was begun again after it had finished`).toBe(false);
    if (event.type === 'started' && ['model', 'search', 'fetch'].includes(event.kind)) starts++;
    if (event.type === 'finished') done.add(name);
  }
  expect(asked).toBeLessThanOrEqual(starts);
}

test('killed with kill -9 several times, a run goes on and comes to the same report', { timeout: 120_000 }, async () => {
  const world = await startWorld({ brain: honestBrain });
  onTestFinished(() => world.close());
  const parent = testFolder();
  const [whole = ''] = (await runChild(['', parent, world.url, '0'])).output.split('\n');
  const asked = world.paths.length;
  const [directory = ''] = (await runChild(['', parent, world.url, '9'])).output.split('\n');
  for (const at of ['12', '15']) expect((await runChild([directory, parent, world.url, at])).signal).toBe('SIGKILL');
  expect(existsSync(join(directory, 'report.md'))).toBe(false);
  await runChild([directory, parent, world.url, '0']);
  expect(reportOf(directory)).toBe(reportOf(whole));
  expectNoRepeats(directory, world.paths.length - asked);
});

test('stopped at many events of its journal, it comes to the same report, and nothing is paid for twice', { timeout: 120_000 }, async () => {
  const world = await startWorld({ brain: honestBrain });
  onTestFinished(() => world.close());
  const options = { model: worldModel(world.url), sources: [worldSource(world.url)], readPage: worldPages, check: citesSomething, firstRetryMs: 1, prices: {} };
  const parent = testFolder();
  const whole = await research({ ...options, question, parallel: 2, depth: 'quick', directory: parent });
  const asked = world.paths.length;

  const run = createResearchRun(parent, question, { parallel: 2, depth: 'quick' });
  let stops = 0;
  // Each time it gets a little further, since effects that go side by side have all to be begun again.
  for (let more = 2; ; more += 2) {
    const before = readJournal(journalPath(run)).length;
    const result = await resumeResearch(run, {
      ...options,
      onEvent: ({ number }) => {
        if (number >= before + more) throw new Error('pulled out');
      },
    }).catch((error: unknown) => {
      expect(error).toMatchObject({ message: 'pulled out' });
      return undefined;
    });
    if (result !== undefined) break;
    stops++;
  }
  expect(stops).toBeGreaterThan(4);
  expect(reportOf(run.directory)).toBe(reportOf(whole.directory));
  expectNoRepeats(run.directory, world.paths.length - asked);
});
