/** Run in a process of its own: trains and samples a tiny model on the device that its argument names, and prints the results as JSON. */
import { importanceSampling } from '../../rl/losses.ts';
import { LocalEngine } from './local-engine.ts';
import { parseModelConfig } from '../../model/config.ts';

const device = process.argv[2] === 'webgpu' ? ('webgpu' as const) : ('cpu' as const);
const config = parseModelConfig(
  {
    model_type: 'qwen3', hidden_size: 32, intermediate_size: 48, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, head_dim: 16,
    vocab_size: 1024, max_position_embeddings: 64, rms_norm_eps: 1e-5, tie_word_embeddings: true, eos_token_id: 0,
  },
  'the test model',
);
const engine = LocalEngine.create(config, { device, seed: 1 });
const data = [0, 1, 2].map((i) => {
  const entries = 11 + i;
  return {
    tokens: Array.from({ length: entries + 1 }, (_, j) => 1 + ((i * 131 + j * 77) % 1000)),
    inputs: {
      advantages: new Float32Array(entries).map((_, j) => (j % 3) - 0.9),
      weights: new Float32Array(entries).fill(1),
      logprobs: new Float32Array(entries).fill(-6.9),
    },
  };
});
const steps = [];
for (let step = 0; step < 3; step++) {
  const { loss } = await engine.forwardBackward(data, importanceSampling);
  const { gradientNorm } = await engine.optimStep({ learningRate: 1e-2 });
  steps.push({ loss, gradientNorm });
}
const requests = [{ prompt: [1, 5, 9], count: 3 }, { prompt: [7] }];
const drawn = await engine.sample(requests, { maxTokens: 8, temperature: 0.7, seed: 4, stopTokens: [] });
const filtered = await engine.sample(requests, { maxTokens: 8, topK: 20, topP: 0.9, seed: 4, stopTokens: [] });
await engine.release();
const completions = [...drawn, ...filtered].flat().map(({ tokens, logprobs }) => ({ tokens, logprobs }));
process.stdout.write(`${JSON.stringify({ steps, completions })}\n`, () => process.exit(0));
