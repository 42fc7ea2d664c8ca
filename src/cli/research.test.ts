import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { honestBrain, pages, startWorld } from '../research/loop/scripted-world.fixture.ts';
import { readResearchRun } from '../research/loop/run-folder.ts';
import { testFolder } from '../run/test-folder.ts';
import { CHILD_TIMEOUT_MS, lastJson, runR5 } from './child-process.fixture.ts';
import { sourceNames } from './research-sources.ts';
import { runCli } from './run-cli.ts';

/** A command that asks nothing of the process but its output, without a process of its own, which takes seconds to start. */
async function typed(...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const out = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      out[name] += String(text);
      return true;
    }),
  );
  try {
    await runCli(words);
    return { ...out, code: Number(process.exitCode ?? 0) };
  } finally {
    process.exitCode = 0;
    for (const spy of spies) spy.mockRestore();
  }
}

test('r5 research over a folder: report, replay, resume, exit codes', { timeout: CHILD_TIMEOUT_MS }, async () => {
  const world = await startWorld({ brain: honestBrain });
  onTestFinished(() => world.close());
  const cwd = testFolder();
  mkdirSync(join(cwd, 'documents'));
  for (const [name, text] of Object.entries(pages)) writeFileSync(join(cwd, 'documents', `${name.slice(1)}.txt`), text);
  const model = `${world.url}/v1#scripted`;
  const done = await runR5(['research', 'When did the bridge open, and how high is it?', '--model', model, '--sources', 'documents', '--json'], { cwd });
  expect(done.stderr).toContain('plan:');
  expect(done.code).toBe(0);
  const result = lastJson(done.stdout) as { id: string; directory: string; outcome: string; report: { sections: { sentences: { text: string }[] }[] } };
  expect(result.outcome).toBe('complete');
  expect(JSON.stringify(result.report)).toContain('opened on 19 March 1932');

  const asked = world.paths.length;
  // From another folder: the sources are kept by their whole paths.
  const resumed = await runR5(['research', 'resume', join(cwd, 'research', basename(result.directory)), '--json'], { cwd: testFolder() });
  expect(lastJson(resumed.stdout)).toEqual(result);
  expect(world.paths.length).toBe(asked);
  const nobody = await runR5(['research', 'How high is it?', '--model', model, '--sources', 'documents', '--approve-plan'], { cwd });
  expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining('The input ended before an answer came.')]);
  const waiting = ['research', 'resume', /-(\w+)\/plan\.md/.exec(nobody.stderr)?.[1] ?? ''];
  const still = await runR5(waiting, { cwd });
  expect([still.code, still.stderr]).toEqual([1, expect.stringContaining('The input ended before an answer came.')]);
  const approved = await runR5(waiting, { cwd, input: '\n' });
  expect(approved.code).toBe(0);
  const inspected = await runR5(['inspect', result.id], { cwd });
  expect(inspected.stderr).toContain(`r5 research log ${result.id}`);
  await world.close();
  const printed = await runR5(['research', 'open', result.id, '--print'], { cwd });
  expect(printed.code).toBe(0);
  expect(printed.stdout).toMatch(/opened on 19 March 1932 \[1\]\./);
  const blocked = await runR5(['research', 'Why?', '--model', model, '--documents', 'documents', '--budget', '0.5', '--budget-steps', '1'], { cwd });
  expect(blocked.code).toBe(8);
  const wrong = await runR5(['research', 'Why?', '--model', 'nobody:x', '--documents', 'documents'], { cwd });
  expect(wrong.stderr).toMatch(/no provider 'nobody'/);
});

test('r5 research open shows the report in the browser of the user, and says where it is where there is none', { timeout: CHILD_TIMEOUT_MS }, async () => {
  const world = await startWorld({ brain: honestBrain });
  onTestFinished(() => world.close());
  const cwd = testFolder();
  mkdirSync(join(cwd, 'documents'));
  writeFileSync(join(cwd, 'documents', 'bridge.txt'), pages['/bridge'] ?? '');
  const model = `${world.url}/v1#scripted`;
  const done = await typed('research', 'When did the bridge open?', '--model', model, '--entailment-model', model, '--unsupported', 'mark', '--sources', join(cwd, 'documents'), '--research-dir', join(cwd, 'research'), '--json');
  const { id, directory, entailment } = lastJson(done.stdout) as { id: string; directory: string; entailment: object };
  // The scripted model has no opinion.
  expect(entailment).toMatchObject({ sentences: 1, unreadable: 1 });
  const browser = join(cwd, 'browser');
  writeFileSync(browser, `#!/bin/sh\nprintf '%s' "$1" > ${join(cwd, 'seen')}\n`, { mode: 0o755 });
  const open = (...words: string[]) => typed('research', 'open', id, ...words, '--research-dir', join(cwd, 'research'));
  vi.stubEnv('BROWSER', browser);
  onTestFinished(() => void vi.unstubAllEnvs());
  rmSync(join(directory, 'report.html'));
  expect((await open()).code).toBe(0);
  expect(readFileSync(join(cwd, 'seen'), 'utf8')).toBe(join(directory, 'report.html'));
  expect(readFileSync(join(directory, 'report.html'), 'utf8')).toContain('<mark>The Sydney Harbour Bridge opened');
  vi.stubEnv('BROWSER', join(cwd, 'none'));
  const nothing = await open('--format', 'bib');
  expect(nothing).toMatchObject({ code: 0, stdout: expect.stringContaining(join(directory, 'report.bib')) });
  expect(nothing.stdout).toContain('--print shows it here');
  expect(await open('--format', 'pdf', '--print')).toMatchObject({ code: 1, stderr: expect.stringContaining('--format says which file is opened') });
});

test('sources by name: keys and names are asked for before anything is paid, and all that need no key are the default', { timeout: CHILD_TIMEOUT_MS }, async () => {
  const world = await startWorld({ brain: honestBrain });
  onTestFinished(() => world.close());
  const cwd = testFolder();
  mkdirSync(join(cwd, 'a, b'));
  writeFileSync(join(cwd, 'a, b', 'bridge.txt'), pages['/bridge'] ?? '');
  const model = `${world.url}/v1#scripted`;
  const ask = (...sources: string[]) => typed('research', 'When did the bridge open?', '--model', model, '--depth', 'quick', '--research-dir', join(cwd, 'research'), ...sources.flatMap((name) => ['--sources', name]));
  expect((await ask('wikpedia')).stderr).toMatch(/Did you mean wikipedia/);
  expect((await ask(join(cwd, 'a, b'), 'mcp:')).stderr).toMatch(/mcp: needs the address/);
  expect(world.paths).toEqual([]);
  const fixture = fileURLToPath(new URL('../research/sources/mcp-server.fixture.ts', import.meta.url));
  const done = await ask(join(cwd, 'a, b'), `mcp:"${process.execPath}" "${fixture}"`);
  expect(done.stdout).toContain('a, b: 1 documents, 1 passages');
  expect(done.stdout).toMatch(/opened on 19 March 1932/);

  expect(sourceNames({ sources: ['exa,wikipedia'], documents: ['x'] })).toEqual(['exa', 'wikipedia', resolve('x')]);
  expect(sourceNames({}, { EXA_API_KEY: 'x' })).toEqual(['exa', 'wikipedia', 'arxiv', 'openalex', 'pubmed']);
});

test('stopped by Ctrl-C, listed, gone on with by r5 resume, complete, and forked with other settings', { timeout: CHILD_TIMEOUT_MS }, async () => {
  let busy = true;
  const world = await startWorld({
    brain: honestBrain,
    disturb: (path, count) => (busy && count > 2 && path.startsWith('/v1') ? { status: 429, headers: { 'retry-after': '60' } } : undefined),
  });
  onTestFinished(() => world.close());
  const cwd = testFolder();
  mkdirSync(join(cwd, 'documents'));
  for (const [name, text] of Object.entries(pages)) writeFileSync(join(cwd, 'documents', `${name.slice(1)}.txt`), text);
  const stopped = await runR5(['research', 'When did the bridge open?', '--model', `${world.url}/v1#scripted`, '--sources', 'documents'], { cwd, signalAt: { text: 'waiting 60', signal: 'SIGINT' } });
  expect(stopped.code).toBe(130);
  expect(stopped.stdout).toMatch(/goes on with it: r5 resume [0-9a-f]{6}/);
  const [, id = ''] = /r5 resume ([0-9a-f]{6})/.exec(stopped.stdout) ?? [];
  const researchDir = ['--research-dir', join(cwd, 'research')];
  const runs = await typed('runs', ...researchDir);
  expect(runs.stdout).toMatch(new RegExp(`^${id} .* stopped .*When did the bridge open\\?`, 'm'));
  expect((await typed('research', 'open', id, ...researchDir)).stderr).toContain(`Go on with it: r5 research resume ${id}`);

  const watched = await typed('research', 'watch', id, ...researchDir);
  expect(watched.stdout).toMatch(/plan:[\s\S]*waiting 60[\s\S]*Nobody works on it now/);

  busy = false;
  const resumed = await typed('resume', id, ...researchDir, '--json');
  expect(resumed.code).toBe(0);
  const result = lastJson(resumed.stdout) as { id: string; directory: string; outcome: string };
  expect(result).toMatchObject({ id, outcome: 'complete' });
  const asked = world.paths.length;
  const prompted = world.prompts.length;
  const again = await typed('resume', result.directory);
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('is complete; nothing is done again') });
  expect(world.paths.length).toBe(asked);
  expect((await typed('resume', 'nobody', ...researchDir)).stderr).toMatch(/no run 'nobody'[\s\S]*no research run 'nobody'/);

  const log = (await typed('research', 'log', id, ...researchDir)).stdout;
  const [, writing = ''] = /^ *(\d+) \S+ writing from 2 quotes/m.exec(log) ?? [];
  const forked = await typed('research', 'resume', id, '--fork', writing, '--unsupported', 'mark', '--writer-model', `${world.url}/v1#other`, ...researchDir, '--json');
  expect(forked.code).toBe(0);
  const other = lastJson(forked.stdout) as { id: string; directory: string; cost: { models: { role: string; model: string }[] } };
  expect(other.id).not.toBe(id);
  // Two sections and the answer; all else was done before.
  expect(world.prompts.length - prompted).toBe(3);
  expect(other.cost.models.filter(({ role }) => role === 'writer').map(({ model }) => model)).toEqual([expect.stringMatching(/#other$/)]);
  // Its own settings from here on, with whole paths.
  expect(readResearchRun(other.directory).settings).toMatchObject({ runsDir: join(cwd, 'runs'), sources: [join(cwd, 'documents')], unsupported: 'mark', writerModel: `${world.url}/v1#other` });
  const replayed = await typed('research', 'resume', other.id, '--replay', ...researchDir, '--json');
  expect(lastJson(replayed.stdout)).toEqual(other);
  const changed = await typed('research', 'resume', other.id, '--replay', '--fork', '3', '--writer-model', 'x', ...researchDir);
  expect([changed.code, changed.stderr]).toEqual([1, expect.stringContaining('Leave out --fork, --writer-model, or --replay.')]);
});

test('without a model nothing begins, and it is said what to name', { timeout: CHILD_TIMEOUT_MS }, async () => {
  const done = await runR5(['research', 'How high is the bridge?'], { cwd: testFolder() });
  expect([done.code, done.stderr]).toEqual([1, expect.stringMatching(/^error: Name a model by --model.*\n$/)]);
});

test('a run that was blocked says how to go on with it', { timeout: CHILD_TIMEOUT_MS }, async () => {
  const world = await startWorld({ brain: honestBrain, disturb: (path) => (path.startsWith('/v1') ? { status: 401 } : undefined) });
  onTestFinished(() => world.close());
  const cwd = testFolder();
  mkdirSync(join(cwd, 'documents'));
  writeFileSync(join(cwd, 'documents', 'x.txt'), 'Bananas are yellow.');
  const done = await runR5(['research', 'How high is the bridge?', '--model', `${world.url}/v1#scripted`, '--sources', 'documents'], { cwd });
  expect([done.code, done.stdout]).toEqual([7, expect.stringMatching(/r5 research resume [0-9a-f]{6} {3}goes on with it/)]);
});

test('a page of a private network is read only where its host was allowed by name', { timeout: CHILD_TIMEOUT_MS }, async () => {
  const world = await startWorld({ brain: honestBrain });
  onTestFinished(() => world.close());
  const cwd = testFolder();
  mkdirSync(join(cwd, 'documents'));
  writeFileSync(join(cwd, 'documents', 'x.txt'), 'Bananas are yellow.');
  const ask = async (...more: string[]): Promise<unknown> => {
    const words = ['research', `When did the bridge of ${world.url}/bridge open?`, '--model', `${world.url}/v1#scripted`, '--sources', 'documents', '--json'];
    return lastJson((await runR5([...words, ...more], { cwd })).stdout);
  };
  expect(await ask()).toMatchObject({ sources: [], tried: { failures: [{ kind: 'blocked', message: expect.stringContaining('--allow-host') }] } });
  expect(await ask('--allow-host', new URL(world.url).host)).toMatchObject({ sources: [{ url: `${world.url}/bridge` }] });
});
