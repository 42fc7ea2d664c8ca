/**
 * One GRPO step at the shapes of Qwen2.5-0.5B with random weights: memory and time of its parts.
 * node bench/half-billion.ts [--weights int8|int4|f16|f32] [--prompts 8] [--group 8] [--prompt-tokens 256] [--tokens 256] [--rank 32] [--steps 1]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { LocalEngine } from '../src/engine/local/local-engine.ts';
import { planStep } from '../src/bench/plan.ts';
import { parseModelConfig } from '../src/model/config.ts';
import { WEIGHT_FORMATS } from '../src/model/weight-format.ts';
import { Random } from '../src/random.ts';
import { ppo } from '../src/rl/losses.ts';
import type { Datum } from '../src/engine/engine.ts';

export const SHAPES = {
  model_type: 'qwen2', architectures: ['Qwen2ForCausalLM'], hidden_size: 896, intermediate_size: 4864, num_hidden_layers: 24, num_attention_heads: 14,
  num_key_value_heads: 2, vocab_size: 151936, max_position_embeddings: 32768, rope_theta: 1e6, rms_norm_eps: 1e-6, tie_word_embeddings: true,
};

const { values: given } = parseArgs({
  options: {
    weights: { type: 'string', default: 'int8' }, prompts: { type: 'string', default: '8' }, group: { type: 'string', default: '8' },
    'prompt-tokens': { type: 'string', default: '256' }, tokens: { type: 'string', default: '256' }, rank: { type: 'string', default: '32' },
    steps: { type: 'string', default: '1' }, 'micro-batch': { type: 'string' }, recompute: { type: 'string' }, layers: { type: 'string', default: '24' },
  },
});
const weights = WEIGHT_FORMATS.find((format) => format === given.weights);
if (!weights) throw new Error(`--weights is one of ${WEIGHT_FORMATS.join(', ')}`);
const [prompts, group, promptTokens, maxTokens, rank, steps] = [given.prompts, given.group, given['prompt-tokens'], given.tokens, given.rank, given.steps].map(Number) as [number, number, number, number, number, number];

const gigabytes = (kilobytes: string | undefined): string => `${(Number(kilobytes) / 1e6 * 1.024).toFixed(2)} GB`;
function memory(): string {
  const status = readFileSync('/proc/self/status', 'utf8');
  const field = (name: string) => gigabytes(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]);
  return `now ${field('VmRSS')}, peak ${field('VmHWM')}`;
}
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

let start = performance.now();
const config = parseModelConfig({ ...SHAPES, num_hidden_layers: Number(given.layers) }, 'the shapes');
const engine = LocalEngine.create(config, {
  lora: { rank, alpha: 32 }, weights, contextLength: promptTokens + maxTokens, decodeRows: prompts * group, ...(given['micro-batch'] ? { microBatchTokens: Number(given['micro-batch']) } : {}),
  ...(given.recompute ? { recompute: given.recompute === 'on' } : {}),
});
console.log(`${(engine.parameterCount / 1e6).toFixed(0)} M parameters in ${weights}: ${seconds(start)}; ${memory()}`);
const plan = planStep({
  config, weights, lora: { rank, alpha: 32 }, prompts, groupSize: group, promptTokens, completionTokens: maxTokens, decodeRows: prompts * group,
  ...(given['micro-batch'] ? { microBatchTokens: Number(given['micro-batch']) } : {}), ...(given.recompute ? { recompute: given.recompute === 'on' } : {}),
});
console.log(`planned: ${(plan.memory.total / 1e9).toFixed(2)} GB, sampling ${plan.samplingSeconds.toFixed(1)} s, training ${plan.trainingSeconds.toFixed(1)} s (at ${plan.peakGflops.toFixed(0)} GFLOP/s)`);
const random = new Random(1);
const loss = ppo();
for (let step = 1; step <= steps; step++) {
  start = performance.now();
  const requests = Array.from({ length: prompts }, () => ({ prompt: Array.from({ length: promptTokens }, () => random.integer(0, config.vocabularySize - 1)), count: group }));
  const completions = await engine.sample(requests, { maxTokens, seed: step, stopTokens: [] });
  const count = completions.flat().reduce((total, { tokens }) => total + tokens.length, 0);
  const sampled = (performance.now() - start) / 1000;
  console.log(`step ${step}: sampling ${sampled.toFixed(1)} s, ${(count / sampled).toFixed(0)} tokens/s; ${memory()}`);
  start = performance.now();
  const batch: Datum[] = requests.flatMap(({ prompt }, i) => (completions[i] ?? []).map(({ tokens, logprobs }) => {
    const entries = prompt.length + tokens.length - 1;
    const old = new Float32Array(entries);
    const advantages = new Float32Array(entries);
    old.set(logprobs, prompt.length - 1);
    advantages.fill(random.normal() / count, prompt.length - 1);
    const sampledMask = new Float32Array(entries).fill(1, prompt.length - 1);
    return { tokens: [...prompt, ...tokens], firstEntry: prompt.length - 1, inputs: { logprobs: old, advantages, weights: sampledMask } };
  }));
  const { logprobs } = await engine.forwardBackward(batch, loss);
  const trained = (performance.now() - start) / 1000;
  let largest = 0;
  batch.forEach(({ inputs }, i) => (inputs['logprobs'] ?? new Float32Array()).forEach((old, t) => {
    if (old !== 0) largest = Math.max(largest, Math.abs(old - (logprobs[i]?.[t] ?? NaN)));
  }));
  const { gradientNorm } = await engine.optimStep({ learningRate: 4e-5 });
  const tokens = batch.reduce((total, datum) => total + datum.tokens.length, 0);
  console.log(`step ${step}: training ${trained.toFixed(1)} s, ${(tokens / trained).toFixed(0)} tokens/s, gradient norm ${gradientNorm.toExponential(2)}, sampler-trainer ${largest.toExponential(1)}; ${memory()}`);
}
await engine.release();
