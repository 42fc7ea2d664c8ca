/** Settings of `r5 start`, chosen so that it teaches the embedded model the embedded task within minutes on two cores. */
import type { TrainSettingsInput } from '../train/settings.ts';

export const START_SETTINGS = {
  steps: 45,
  prompts: 32,
  groupSize: 8,
  evalEvery: 5,
} as const satisfies Omit<TrainSettingsInput, 'task'>;
