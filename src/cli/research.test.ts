import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { honestBrain, pages, startWorld } from '../research/loop/scripted-world.fixture.ts';
import { testFolder } from '../run/test-folder.ts';
import { CHILD_TIMEOUT_MS, lastJson, runR5 } from './child-process.fixture.ts';
import { sourceNames } from './research-sources.ts';

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
  const done = await runR5(['research', 'When did the bridge open?', '--model', model, '--entailment-model', model, '--unsupported', 'mark', '--sources', 'documents', '--json'], { cwd });
  const { id, directory, entailment } = lastJson(done.stdout) as { id: string; directory: string; entailment: object };
  // The scripted model has no opinion.
  expect(entailment).toMatchObject({ sentences: 1, unreadable: 1 });
  const browser = join(cwd, 'browser');
  writeFileSync(browser, `#!/bin/sh\nprintf '%s' "$1" > ${join(cwd, 'seen')}\n`, { mode: 0o755 });
  const open = async (...words: string[]) => runR5(['research', 'open', id, ...words], { cwd });
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
});

test('sources by name: keys and names are asked for before anything is paid, and all that need no key are the default', { timeout: CHILD_TIMEOUT_MS }, async () => {
  const world = await startWorld({ brain: honestBrain });
  onTestFinished(() => world.close());
  const cwd = testFolder();
  mkdirSync(join(cwd, 'a, b'));
  writeFileSync(join(cwd, 'a, b', 'bridge.txt'), pages['/bridge'] ?? '');
  const model = `${world.url}/v1#scripted`;
  const ask = (...sources: string[]) => runR5(['research', 'When did the bridge open?', '--model', model, '--depth', 'quick', ...sources.flatMap((name) => ['--sources', name])], { cwd });
  expect((await ask('wikpedia')).stderr).toMatch(/Did you mean wikipedia/);
  expect((await ask('a, b', 'mcp:')).stderr).toMatch(/mcp: needs the address/);
  expect(world.paths).toEqual([]);
  const fixture = fileURLToPath(new URL('../research/sources/mcp-server.fixture.ts', import.meta.url));
  const done = await ask('a, b', `mcp:"${process.execPath}" "${fixture}"`);
  expect(done.stdout).toContain('a, b: 1 documents, 1 passages');
  expect(done.stdout).toMatch(/opened on 19 March 1932/);

  expect(sourceNames({ sources: ['exa,wikipedia'], documents: ['x'] })).toEqual(['exa', 'wikipedia', resolve('x')]);
  expect(sourceNames({}, { EXA_API_KEY: 'x' })).toEqual(['exa', 'wikipedia', 'arxiv', 'openalex', 'pubmed']);
});
