import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../run/test-folder.ts';
import { CHILD_TIMEOUT_MS, lastJson, runR5 } from './child-process.fixture.ts';

const searchModel = join(import.meta.dirname, '../../models/r5-tiny-search');

test('r5 model check says whether the chat template leaves earlier turns as they were', { timeout: CHILD_TIMEOUT_MS }, async () => {
  const cwd = testFolder();
  const kept = await runR5(['model', 'check', searchModel], { cwd });
  expect(kept.stderr + kept.stdout).toMatch(/template, tool answers +earlier turns stay as they were/);

  const rewriting = join(cwd, 'rewriting');
  cpSync(searchModel, rewriting, { recursive: true });
  const path = join(rewriting, 'chat_template.jinja');
  writeFileSync(path, `{% if messages | length > 2 %}long: {% endif %}${readFileSync(path, 'utf8')}`);
  const done = await runR5(['model', 'check', rewriting, '--json'], { cwd });
  expect(lastJson(done.stdout)).toMatchObject({ chatTemplate: { userTurns: expect.stringContaining('an episode is several sequences: from message 3 on') } });
});
