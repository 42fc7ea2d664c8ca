import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { coldStart } from './1-cold-start.ts';
import { reinforcement } from './2-reinforcement.ts';
import { rejection } from './3-rejection-sampling.ts';
import { distillText } from './4-distill-text.ts';
import { onPolicy } from './5-distill-on-policy.ts';
import { smallerStudent } from './smaller-student.ts';

const folder = mkdtempSync(join(tmpdir(), 'r5-recipe-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const place = (stage: string): string => join(folder, stage);
const rows = 96;
const minutes = (n: number) => n * 60_000;

// Each stage takes up where one before left off, so they stand in one order.
test('cold start: a few worked answers', async () => {
  const { before, after } = await coldStart({ examples: 192, steps: 8, rows, to: place('cold') });
  expect(after).toBeGreaterThan(before + 0.15);
}, minutes(3));

test('reinforcement learning', async () => {
  const { before, after } = await reinforcement({ model: 'r5-tiny', steps: 4, rows, to: place('reinforced') });
  expect(after).toBeGreaterThan(before + 0.15);
}, minutes(3));

test('rejection sampling into a new set of examples', async () => {
  const { before, after, examples } = await rejection({ from: place('reinforced'), problems: 128, steps: 8, rows, to: place('rejected') });
  expect(examples).toBeGreaterThan(64);
  expect(after).toBeGreaterThan(before + 0.15);
}, minutes(3));

test('distillation into a smaller model by text', async () => {
  const { before, after, parameters } = await distillText({ from: place('cold'), problems: 512, steps: 24, rows, to: place('by-text') });
  expect(parameters).toBeLessThan(1_500_000);
  expect(after).toBeGreaterThan(before + 0.1);
}, minutes(3));

test('on-policy distillation into a smaller model', async () => {
  await smallerStudent(place('cold'), [0, 1, 3], place('student'));
  const { before, after, reverseKl } = await onPolicy({ teacher: place('cold'), student: place('student'), steps: 10, prompts: 48, rows, to: place('on-policy') });
  expect(reverseKl.at(-1)).toBeLessThan(0.8 * (reverseKl[0] ?? 0));
  expect(after).toBeGreaterThan(before + 0.05);
}, minutes(3));
