/** Settings of `r5 start`, chosen so that it teaches the embedded model the embedded task within three minutes on two cores. */
import type { TrainSettingsInput } from '../train/settings.ts';

export const START_SETTINGS = {
  steps: 36,
  prompts: 32,
  groupSize: 8,
  updates: 2,
  learningRate: 2.5e-4,
  schedule: 'linear',
  // A search that never ends is a wrong answer here, not one that might have come right.
  truncated: 'keep',
  evalEvery: 4,
  checkpointEvery: 12,
} as const satisfies Omit<TrainSettingsInput, 'task'>;
