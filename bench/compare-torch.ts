/**
 * A training step of r5 against eager PyTorch: same model shape, batch, length and dtype, one after the other in turns, on an idle machine.
 *
 *     node bench/compare-torch.ts [--python .venv/bin/python] [--size 10M] [--rounds 3]
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { benchConfig, BENCH_SHAPES } from '../src/bench/models.ts';
import { LocalEngine } from '../src/engine/local/local-engine.ts';
import { Random } from '../src/random.ts';
import { crossEntropy } from '../src/rl/losses.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: '.venv/bin/python' },
    size: { type: 'string', default: '10M' },
    rounds: { type: 'string', default: '3' },
    batch: { type: 'string', default: '16' },
    length: { type: 'string', default: '128' },
  },
});
const shape = BENCH_SHAPES.find(({ label }) => label === values.size);
if (!shape) throw new Error(`no size ${values.size}`);
const batch = Number(values.batch);
const length = Number(values.length);
const peerSchema = z.looseObject({ secondsPerStep: z.number(), torch: z.string(), transformers: z.string() });

const rounds = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const r5 = await r5Seconds();
  const transformers = peer('transformers');
  const lean = peer('lean');
  rounds.push({ r5, transformers: transformers.secondsPerStep, lean: lean.secondsPerStep, torch: transformers.torch, transformersVersion: transformers.transformers });
  console.error(JSON.stringify(rounds.at(-1)));
}
const r5 = median(rounds.map((round) => round.r5));
console.log(
  JSON.stringify({
    size: values.size, batch, length, secondsPerStep: r5,
    fasterThanTransformers: median(rounds.map((round) => round.transformers)) / r5,
    fasterThanLeanPyTorch: median(rounds.map((round) => round.lean)) / r5,
    torch: rounds[0]?.torch, transformers: rounds[0]?.transformersVersion, rounds,
  }),
);

/** Median seconds of a step: forward, cross entropy over every token, backward, clipping, AdamW. */
async function r5Seconds(): Promise<number> {
  if (!shape) throw new Error('no shape');
  const engine = LocalEngine.create(benchConfig(shape, length + 1), { microBatchTokens: batch * length });
  const random = new Random(1);
  const data = Array.from({ length: batch }, () => ({
    tokens: Array.from({ length: length + 1 }, () => random.integer(1, shape.vocabularySize - 1)),
    inputs: { weights: new Float32Array(length).fill(1 / (batch * length)) },
  }));
  const times: number[] = [];
  for (let step = 0; step < 11; step++) {
    const start = performance.now();
    await engine.forwardBackward(data, crossEntropy);
    await engine.optimStep({ learningRate: 1e-5 });
    if (step > 2) times.push((performance.now() - start) / 1000);
  }
  await engine.release();
  return median(times);
}

function peer(variant: 'transformers' | 'lean') {
  if (!shape) throw new Error('no shape');
  const args = {
    hidden: shape.hiddenSize, layers: shape.layers, heads: shape.heads, 'kv-heads': shape.keyValueHeads, intermediate: shape.intermediateSize,
    vocab: shape.vocabularySize, batch, length, steps: 8, variant, 'peak-seconds': 1,
  };
  const flags = Object.entries(args).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const output = execFileSync(values.python, ['bench/peers/torch_train.py', ...flags], { encoding: 'utf8' });
  return peerSchema.parse(JSON.parse(output.trim().split('\n').at(-1) ?? ''));
}

function median(list: number[]): number {
  return list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN;
}
