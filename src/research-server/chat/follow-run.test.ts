import { expect, onTestFinished, test } from 'vitest';
import { citesSomething } from '../../research/loop/cites-something.fixture.ts';
import { honestBrain, startWorld, worldModel, worldSource } from '../../research/loop/scripted-world.fixture.ts';
import { testFolder } from '../../run/test-folder.ts';
import { Slots } from '../../serve/slots.ts';
import { heldPages } from '../held-pages.fixture.ts';
import { ResearchService } from '../research-service.ts';
import { followRun } from './follow-run.ts';

test('a reader that stops reading stops the run, and gives its place free', async () => {
  const world = await startWorld({ brain: honestBrain });
  onTestFinished(() => world.close());
  const { readPage } = heldPages(() => {});
  const service = new ResearchService({ model: worldModel(world.url), sources: [worldSource(world.url)], readPage, check: citesSomething, directory: testFolder(), firstRetryMs: 1 });
  const slots = new Slots(1, 0);
  const { signal } = new AbortController();
  for await (const told of followRun({ question: 'When did the bridge open, and how high is it?' }, { service, slots, signal, aliveMs: 60_000 })) {
    expect(slots.busy).toBe(1);
    if (told.type === 'begun') break;
  }
  expect(slots.busy).toBe(0);
  await service.close();
});
