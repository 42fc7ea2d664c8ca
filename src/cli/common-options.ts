/** Options that several commands share. */
import { z } from 'zod';

export const jsonOption = {
  json: z.boolean().default(false).describe('end with one line of JSON on stdout; progress goes to stderr'),
};

export const runsOption = {
  runsDir: z.string().min(1).default('runs').describe('folder of the runs'),
};

export const modelOption = {
  model: z.string().min(1).default('r5-tiny').describe('model directory, run, or r5-tiny'),
};

export const machineOptions = {
  device: z.enum(['cpu', 'webgpu']).default('cpu').describe('where it runs'),
  threads: z.number().int().positive().optional().describe('processor threads (default: all)'),
};
