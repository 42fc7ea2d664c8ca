/**
 * A whole GRPO step of r5 (sampling, scoring, update) against TRL's GRPOTrainer: same model, prompts, completions, lengths, dtype; every
 * completion has the same length on both sides; in turns, on an idle machine.
 *
 *     node bench/compare-trl.ts [--python .venv/bin/python] [--prompts 32] [--completions 8] [--prompt-length 12] [--length 80]
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { LocalEngine } from '../src/engine/local/local-engine.ts';
import { Random } from '../src/random.ts';
import { grpoDefaults, trainGrpo } from '../src/rl/grpo.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: '.venv/bin/python' },
    model: { type: 'string', default: 'models/r5-tiny' },
    rounds: { type: 'string', default: '2' },
    prompts: { type: 'string', default: '32' },
    completions: { type: 'string', default: '8' },
    'prompt-length': { type: 'string', default: '12' },
    length: { type: 'string', default: '80' },
    steps: { type: 'string', default: '4' },
  },
});
const prompts = Number(values.prompts);
const groupSize = Number(values.completions);
const promptLength = Number(values['prompt-length']);
const length = Number(values.length);
const steps = Number(values.steps);
const WARM = 2;
const peerSchema = z.looseObject({ secondsPerStep: z.number(), secondsGenerating: z.number(), trl: z.string(), torch: z.string() });

const rounds = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const own = await r5Step();
  const trl = peer();
  rounds.push({ r5: own, trl });
  console.error(JSON.stringify(rounds.at(-1)));
}
const median = (list: number[]): number => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN;
const own = median(rounds.map(({ r5 }) => r5.secondsPerStep));
const other = median(rounds.map(({ trl }) => trl.secondsPerStep));
console.log(JSON.stringify({ prompts, completions: groupSize, promptLength, length, r5SecondsPerStep: own, trlSecondsPerStep: other, faster: other / own, rounds }));

/** Seconds of a step, and of them sampling; the mean over steps after warming up. */
async function r5Step(): Promise<{ secondsPerStep: number; secondsGenerating: number }> {
  const engine = await LocalEngine.open(values.model);
  const random = new Random(3);
  const rows = Array.from({ length: prompts * (steps + WARM) }, () =>
    Array.from({ length: promptLength }, () => random.integer(3, engine.vocabularySize - 1)),
  );
  const times: { total: number; sampling: number }[] = [];
  let last = performance.now();
  await trainGrpo(
    engine,
    {
      rowCount: rows.length,
      prompt: (row) => rows[row] ?? [],
      // Completions end by the limit only, so nothing of them may be masked; the reward is as trivial as the peer's.
      score: async (_row, { tokens }) => ({ reward: tokens.filter((token) => token % 2 === 0).length / tokens.length, verdict: 'wrong', text: '' }),
    },
    {
      ...grpoDefaults,
      prompts,
      groupSize,
      truncated: 'keep',
      sampling: { maxTokens: length, stopTokens: [], temperature: 1 },
      schedule: { ...grpoDefaults.schedule, learningRate: 1e-5, totalSteps: steps + WARM },
    },
    {
      onStep: ({ sampleSeconds }) => {
        times.push({ total: (performance.now() - last) / 1000, sampling: sampleSeconds });
        last = performance.now();
      },
    },
  );
  await engine.release();
  const measured = times.slice(WARM);
  const mean = (pick: (time: { total: number; sampling: number }) => number) => measured.reduce((sum, time) => sum + pick(time), 0) / measured.length;
  return { secondsPerStep: mean(({ total }) => total), secondsGenerating: mean(({ sampling }) => sampling) };
}

function peer() {
  const args = { prompts, completions: groupSize, 'prompt-length': promptLength, length, steps };
  const flags = Object.entries(args).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const output = execFileSync(values.python, ['bench/peers/trl_grpo.py', values.model, ...flags], { encoding: 'utf8' });
  return peerSchema.parse(JSON.parse(output.trim().split('\n').at(-1) ?? ''));
}
