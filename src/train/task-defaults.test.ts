import { expect, test } from 'vitest';
import { parseTrainSettings } from './settings.ts';

test("a task's own defaults go before the general ones, and what is given before both", () => {
  expect(parseTrainSettings({ task: 'search' })).toMatchObject({ model: 'r5-tiny-search', schedule: 'linear', finalRows: 512 });
  expect(parseTrainSettings({ task: 'research' })).toMatchObject({ model: 'r5-tiny-research-base', steps: 24 });
  expect(parseTrainSettings({ task: 'search', model: './mine', schedule: 'constant' })).toMatchObject({ model: './mine', schedule: 'constant', groupSize: 8 });
  expect(parseTrainSettings({ task: 'countdown' })).toMatchObject({ model: 'r5-tiny', schedule: 'constant' });
});
