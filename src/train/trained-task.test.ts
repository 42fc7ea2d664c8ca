import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../run/test-folder.ts';
import { TRAINING_NOTE, trainedForResearch, trainedTask } from './trained-task.ts';

/** A folder that holds these files. */
function holding(files: Readonly<Record<string, string>>): string {
  const folder = testFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

test('a checkpoint says by its run what it was trained on, an exported model by its note, any other folder nothing', async () => {
  const run = holding({ 'config.json': '{"task": "sft-research-contracts"}', 'checkpoints/step-1/manifest.json': '{}', 'checkpoints/whole/model.txt': '' });
  expect(trainedTask(join(run, 'checkpoints', 'step-1'))).toBe('research-contracts');
  expect(trainedTask(join(run, 'checkpoints', 'whole'))).toBeUndefined();
  const tasks = ['research', 'research-contracts', 'researcher', 'search'];
  expect(await Promise.all(tasks.map((task) => trainedForResearch(holding({ [TRAINING_NOTE]: JSON.stringify({ task }) }))))).toEqual([true, true, false, false]);
  expect(() => trainedTask(holding({ [TRAINING_NOTE]: '{}' }))).toThrow(/r5\.json does not say which task/);
});
