import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { honestBrain, pages, startWorld } from '../research/loop/scripted-world.fixture.ts';
import { testFolder } from '../run/test-folder.ts';
import { CHILD_TIMEOUT_MS, lastJson, runR5 } from './child-process.fixture.ts';

test('r5 research over a folder: report, replay, resume, exit codes', { timeout: CHILD_TIMEOUT_MS }, async () => {
  const world = await startWorld({ brain: honestBrain });
  onTestFinished(() => world.close());
  const cwd = testFolder();
  mkdirSync(join(cwd, 'documents'));
  for (const [name, text] of Object.entries(pages)) writeFileSync(join(cwd, 'documents', `${name.slice(1)}.txt`), text);
  const model = `${world.url}/v1#scripted`;
  const done = await runR5(['research', 'When did the bridge open, and how high is it?', '--model', model, '--documents', 'documents', '--json'], { cwd });
  expect(done.stderr).toContain('plan:');
  expect(done.code).toBe(0);
  const result = lastJson(done.stdout) as { id: string; outcome: string; report: { sections: { sentences: { text: string }[] }[] } };
  expect(result.outcome).toBe('complete');
  expect(JSON.stringify(result.report)).toContain('opened on 19 March 1932');

  const asked = world.paths.length;
  const resumed = await runR5(['research', 'resume', result.id, '--json'], { cwd });
  expect(lastJson(resumed.stdout)).toEqual(result);
  expect(world.paths.length).toBe(asked);
  await world.close();
  const opened = await runR5(['research', 'open', result.id], { cwd });
  expect(opened.code).toBe(0);
  expect(opened.stdout).toContain('19 March 1932');
  const blocked = await runR5(['research', 'Why?', '--model', model, '--documents', 'documents', '--budget', '0.5', '--budget-steps', '1'], { cwd });
  expect(blocked.code).toBe(8);
  const wrong = await runR5(['research', 'Why?', '--model', 'nobody:x', '--documents', 'documents'], { cwd });
  expect(wrong.stderr).toMatch(/no provider 'nobody'/);
});
