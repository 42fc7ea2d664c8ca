import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { honestBrain, pages, startWorld, worldModel } from '../src/research/loop/scripted-world.fixture.ts';
import { testFolder } from '../src/run/test-folder.ts';
import { ask } from './research.ts';

test('research as a library: any model of the AI SDK, a folder of documents, and nothing else', async () => {
  const world = await startWorld({ brain: honestBrain });
  onTestFinished(() => world.close());
  const folder = testFolder();
  for (const [name, text] of Object.entries(pages)) writeFileSync(join(folder, `${name.slice(1)}.txt`), text);
  const lines: unknown[] = [];
  vi.spyOn(console, 'error').mockImplementation((line) => lines.push(line));
  onTestFinished(() => void vi.restoreAllMocks());
  const result = await ask('When did the bridge open, and how high is it?', { model: worldModel(world.url).model, folder, directory: testFolder() });
  expect(result.outcome).toBe('complete');
  expect(result.counts).toMatchObject({ removed: 0 });
  expect(result.sources.map(({ url }) => url)).toEqual([expect.stringMatching(/^file:.*bridge\.txt$/), expect.stringMatching(/^file:.*height\.txt$/)]);
  expect(lines.join('\n')).toMatch(/plan:[\s\S]*\[e1\]/);
  expect(world.paths.every((path) => path === '/v1/chat/completions')).toBe(true);
});
