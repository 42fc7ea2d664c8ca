/**
 * A LoRA training step (forward, backward, AdamW) of r5 against PyTorch with PEFT, at the shapes of Qwen2.5-0.5B with random weights: two
 * sequences of 512 tokens, rank 32 on all linear layers. r5 with its weights in float32 and in int8, recomputing blocks; PEFT in float32, which
 * keeps all activations.
 * node bench/compare-peft.ts [--python .venv/bin/python] [--layers 24] [--formats int8,f32] [--steps 2]
 */
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { LocalEngine } from '../src/engine/local/local-engine.ts';
import { parseModelConfig } from '../src/model/config.ts';
import { WEIGHT_FORMATS } from '../src/model/weight-format.ts';
import { Random } from '../src/random.ts';
import { crossEntropy } from '../src/rl/losses.ts';

const { values } = parseArgs({
  options: { python: { type: 'string', default: '.venv/bin/python' }, layers: { type: 'string', default: '24' }, formats: { type: 'string', default: 'int8,f32' }, steps: { type: 'string', default: '2' } },
});
const TIME = 512;
const steps = Number(values.steps);
const config = parseModelConfig(
  {
    model_type: 'qwen2', hidden_size: 896, intermediate_size: 4864, num_hidden_layers: Number(values.layers), num_attention_heads: 14, num_key_value_heads: 2,
    vocab_size: 151936, max_position_embeddings: 32768, rope_theta: 1e6, rms_norm_eps: 1e-6, tie_word_embeddings: true,
  },
  'the shapes',
);

async function r5Seconds(weights: (typeof WEIGHT_FORMATS)[number]): Promise<number> {
  const engine = LocalEngine.create(config, { lora: { rank: 32, alpha: 32 }, weights, contextLength: TIME + 1, microBatchTokens: 1024 });
  const random = new Random(1);
  const batch = Array.from({ length: 2 }, () => ({
    tokens: Array.from({ length: TIME + 1 }, () => random.integer(0, 151000)),
    inputs: { weights: new Float32Array(TIME).fill(1 / (2 * TIME)) },
  }));
  const seconds: number[] = [];
  for (let step = 0; step <= steps; step++) {
    const start = performance.now();
    await engine.forwardBackward(batch, crossEntropy);
    await engine.optimStep({ learningRate: 4e-5 });
    seconds.push((performance.now() - start) / 1000);
  }
  await engine.release();
  return Math.min(...seconds.slice(1));
}

const script = new URL('peers/peft_train.py', import.meta.url).pathname;
const printed = execFileSync(values.python, [script, '--layers', values.layers, '--time', String(TIME), '--steps', values.steps], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
const peer = z.object({ seconds: z.array(z.number()), torch: z.string() }).parse(JSON.parse(printed.trim().split('\n').at(-1) ?? ''));
const theirs = Math.min(...peer.seconds);
for (const format of values.formats.split(',')) {
  const weights = WEIGHT_FORMATS.find((known) => known === format);
  if (!weights) throw new Error(`--formats are of ${WEIGHT_FORMATS.join(', ')}`);
  const ours = await r5Seconds(weights);
  console.log(JSON.stringify({ weights, r5Seconds: Number(ours.toFixed(2)), peftSeconds: Number(theirs.toFixed(2)), ratio: Number((theirs / ours).toFixed(2)), torch: peer.torch }));
}
