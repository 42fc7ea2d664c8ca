import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { CHILD_TIMEOUT_MS, lastJson, runR5 } from './child-process.fixture.ts';

const resultSchema = z.object({
  outcome: z.string(),
  directory: z.string(),
  report: z.object({ answer: z.array(z.object({ text: z.string(), evidence: z.array(z.string()) })) }),
  evidence: z.array(z.object({ id: z.string(), quote: z.string() })),
  counts: z.object({ sentences: z.number(), verified: z.number() }),
});

test('the embedded model answers a question of two hops, offline, with citations that hold; the run replays without it', { timeout: CHILD_TIMEOUT_MS }, async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'r5-agent-'));
  const done = await runR5(['research', 'What is the capital of the country of the river Krotam?', '--model', 'r5-tiny-research', '--sources', 'encyclopaedia', '--json'], { cwd });
  expect(done.code).toBe(0);
  const { outcome, report, evidence, counts, directory } = resultSchema.parse(lastJson(done.stdout));
  expect(outcome).toBe('complete');
  expect(counts).toMatchObject({ sentences: 2, verified: 2 });
  const [first, second] = report.answer;
  expect(first?.text).toBe('The river Krotam is in the country Sabugod.');
  expect(second?.text).toBe('The country Sabugod has the capital Betis.');
  expect(evidence.find(({ id }) => id === second?.evidence[0])?.quote).toContain('Betis');
  const replayed = await runR5(['research', 'resume', directory, '--replay', '--json'], { cwd });
  expect(resultSchema.parse(lastJson(replayed.stdout)).report).toEqual(report);
});
