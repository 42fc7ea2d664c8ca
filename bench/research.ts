/**
 * How many held-out questions of the encyclopaedia the embedded model answers through the whole of `research()`: right, wholly verified, nothing
 * cut. `node bench/research.ts [--questions 200] [--model r5-tiny-research]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { research } from '../src/research/loop/research.ts';
import { researchModel } from '../src/research/loop/research-model.ts';
import { encyclopaediaSource } from '../src/research/sources/encyclopaedia.ts';
import { research as task } from '../src/research/task/research.ts';
import { createR5 } from '../src/train/r5-provider.ts';

const { values } = parseArgs({ options: { questions: { type: 'string', default: '200' }, model: { type: 'string', default: 'r5-tiny-research' } } });
const directory = mkdtempSync(join(tmpdir(), 'r5-bench-'));
const r5 = createR5();
const counts = { 1: { asked: 0, right: 0 }, 2: { asked: 0, right: 0 } };
const seconds: number[] = [];
let written = 0;
let verified = 0;
try {
  for (const { question, facts } of (await task.test()).slice(0, Number(values.questions))) {
    const start = performance.now();
    const { outcome, report, counts: sentences } = await research({ question, model: researchModel(r5(values.model), { isAgent: true }), sources: [encyclopaediaSource()], directory });
    seconds.push((performance.now() - start) / 1000);
    const said = report?.answer.map(({ text }) => text) ?? [];
    const isRight = outcome === 'complete' && facts.every((words) => said.some((text) => words.every((word) => text.includes(word))));
    const count = counts[facts.length === 1 ? 1 : 2];
    count.asked++;
    if (isRight) count.right++;
    written += sentences.sentences;
    verified += sentences.verified;
  }
} finally {
  await r5.release();
  rmSync(directory, { recursive: true });
}
const share = ({ asked, right }: { asked: number; right: number }): string => `${right} of ${asked} (${((100 * right) / Math.max(1, asked)).toFixed(1)} %)`;
console.log(`one hop: ${share(counts[1])}; two hops: ${share(counts[2])}; together: ${share({ asked: counts[1].asked + counts[2].asked, right: counts[1].right + counts[2].right })}`);
console.log(`${verified} of ${written} sentences verified; ${(seconds.toSorted((a, b) => a - b)[Math.floor(seconds.length / 2)] ?? 0).toFixed(2)} s a question (median)`);
