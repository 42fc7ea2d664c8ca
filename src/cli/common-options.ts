/** Options that several commands share. */
import { z } from 'zod';
import { engineFields, machineFields } from '../train/engine-settings.ts';

export const jsonOption = {
  json: z.boolean().default(false).describe('end with one line of JSON on stdout; progress goes to stderr'),
};

export const runsOption = {
  runsDir: z.string().min(1).default('runs').describe('folder of the runs'),
};

export const modelOption = {
  model: z.string().min(1).default('r5-tiny').describe('model directory, run, model of the hub (owner/name), r5-tiny, r5-tiny-search or r5-tiny-research'),
};

export const machineOptions = {
  weights: engineFields.weights.describe('how the weights are stored: exact, or smaller and faster'),
  contextLength: engineFields.contextLength,
  ...machineFields,
};
