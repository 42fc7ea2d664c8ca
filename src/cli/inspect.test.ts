import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { EventLog } from '../run/event-log.ts';
import { eventsPath, openRun } from '../run/run-folder.ts';
import { CHILD_TIMEOUT_MS, lastJson, mainFile, runR5, shortRun, workFolder } from './child-process.fixture.ts';

const folder = workFolder();
const result = z.looseObject({
  fitting: z.number(),
  warnings: z.array(z.looseObject({ message: z.string() })),
  episodes: z.array(z.looseObject({ step: z.number(), row: z.number(), rollout: z.number(), reward: z.number(), surprise: z.number(), segments: z.array(z.looseObject({ source: z.string(), logprobs: z.array(z.number()).optional() })) })),
});

describe('r5 inspect', { timeout: CHILD_TIMEOUT_MS }, () => {
  let id = '';
  const inspect = async (...words: string[]) => {
    const done = await runR5(['inspect', id, ...words], { cwd: folder.path });
    expect(done).toMatchObject({ code: 0, stderr: '' });
    return done.stdout;
  };

  beforeAll(async () => {
    const done = await runR5(['train', 'letters.ts', ...shortRun, '--steps', '2', '--json'], { cwd: folder.path });
    id = z.looseObject({ run: z.string() }).parse(lastJson(done.stdout)).run.slice(-6);
  }, CHILD_TIMEOUT_MS);

  test('gives the episodes of a real run as JSON, sorted and filtered', async () => {
    const { episodes } = result.parse(lastJson(await inspect('--json', '--sort', 'surprise', '--step', '2')));
    expect(episodes.length).toBeGreaterThanOrEqual(4);
    expect(episodes.every(({ step }) => step === 2)).toBe(true);
    const surprises = episodes.map(({ surprise }) => surprise);
    expect(surprises).toEqual(surprises.toSorted((a, b) => b - a));
    const logprobs = episodes[0]?.segments.find(({ source }) => source === 'model')?.logprobs ?? [];
    expect(surprises[0]).toBeCloseTo(-logprobs.reduce((sum, logprob) => sum + logprob, 0) / logprobs.length, 6);
  });

  test('prints plain text into a pipe', async () => {
    const text = await inspect('--count', '2');
    expect(text).not.toContain('\x1b');
    expect(text.match(/^step \d, row \d+, rollout \d/gm)).toHaveLength(2);
    expect(text).toMatch(/^model {3}▌ /m);
    expect(text).toMatch(/ episodes in the log, mean reward 0\.\d{3}/);
  });

  test('shows warnings with the episodes that they name', async () => {
    const run = openRun(id, join(folder.path, 'runs'));
    const { episodes } = result.parse(lastJson(await inspect('--json', '--count', '1')));
    const [{ step, row, rollout } = { step: 0, row: 0, rollout: 0 }] = episodes;
    const log = EventLog.open(eventsPath(run));
    log.append({ type: 'warning', name: 'reward-hacking', check: 'length', step, message: 'answers grow longer', episodes: [{ step, row, rollout }] });
    log.close();
    const text = await inspect('--warnings');
    expect(text).toContain(`step ${step}: answers grow longer`);
    expect(text.match(/^step \d, row \d+, rollout \d/gm)).toEqual([`step ${step}, row ${row}, rollout ${rollout}`]);
    expect(await inspect()).toContain('1 warning; --warnings shows them');
  });

  test('says so when nothing fits', async () => {
    expect(await inspect('--step', '99')).toMatch(/0 of the log's \d+ episodes fit/);
  });

  const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
  test.skipIf(!hasScript)('colours on a terminal, and none with NO_COLOR', () => {
    const onTerminal = (env: Record<string, string>): string => {
      const { CI: _, NO_COLOR: __, ...inherited } = process.env;
      const command = `stty cols 60 rows 30; exec '${process.execPath}' '${mainFile}' inspect ${id} --count 1`;
      return spawnSync('script', ['-qec', command, '/dev/null'], { cwd: folder.path, encoding: 'utf8', env: { ...inherited, TERM: 'xterm-256color', ...env } }).stdout;
    };
    const coloured = onTerminal({});
    expect(coloured).toContain('\x1b[38;5;16;48;5;');
    expect(onTerminal({ NO_COLOR: '1' })).not.toContain('\x1b[');
  });
});
