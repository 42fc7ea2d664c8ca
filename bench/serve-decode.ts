/**
 * Decoding speed of `generate`, where each request is a call of its own, against `sample`, where all are one call: tokens a second at equal rows.
 * node bench/serve-decode.ts [--model models/r5-tiny] [--layers 0] [--rows 1,16,64] [--tokens 64] [--prompt 16] [--rounds 4]
 * With `--layers` a model of Qwen2.5-0.5B's width and vocabulary with so many layers and random weights in int8 takes the model's place.
 */
import { parseArgs } from 'node:util';
import { LocalEngine } from '../src/engine/local/local-engine.ts';
import { parseModelConfig } from '../src/model/config.ts';
import { Random } from '../src/random.ts';
import type { SamplingParams } from '../src/engine/engine.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'models/r5-tiny' }, layers: { type: 'string', default: '0' }, rows: { type: 'string', default: '1,16,64' },
    tokens: { type: 'string', default: '64' }, rounds: { type: 'string', default: '4' }, prompt: { type: 'string', default: '16' },
  },
});
const [layers, maxTokens, promptTokens] = [values.layers, values.tokens, values.prompt].map(Number) as [number, number, number];

function wide(): LocalEngine {
  const config = parseModelConfig(
    {
      model_type: 'qwen2', hidden_size: 896, intermediate_size: 4864, num_hidden_layers: layers, num_attention_heads: 14, num_key_value_heads: 2,
      vocab_size: 151936, max_position_embeddings: 1024, rope_theta: 1e6, rms_norm_eps: 1e-6, tie_word_embeddings: true, eos_token_id: 151643,
    },
    'the shapes',
  );
  return LocalEngine.create(config, { frozen: true, weights: 'int8' });
}

const engine = layers > 0 ? wide() : await LocalEngine.open(values.model, { frozen: true });
const random = new Random(1);
const ways: Record<string, Partial<SamplingParams>> = { greedy: { temperature: 0 }, all: {}, topP: { topP: 0.95 }, topK: { topK: 40 } };
for (const rows of values.rows.split(',').map(Number)) {
  for (const [way, settings] of Object.entries(ways)) {
    const params = { maxTokens, stopTokens: [], ...settings };
    const prompts = (): number[][] => Array.from({ length: rows }, () => Array.from({ length: promptTokens }, () => random.integer(0, engine.vocabularySize - 1)));
    const runs = {
      sample: async () => void (await engine.sample(prompts().map((prompt) => ({ prompt })), params)),
      generate: async () => void (await Promise.all(prompts().map((prompt, seed) => engine.generate({ prompt, params: { ...params, seed } })))),
    };
    const speeds: Record<string, number> = {};
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const [name, run] of Object.entries(runs)) {
        const start = performance.now();
        await run();
        const speed = (rows * maxTokens * 1000) / (performance.now() - start);
        // The first round compiles.
        if (round > 0) speeds[name] = Math.max(speeds[name] ?? 0, Math.round(speed));
      }
    }
    console.log(JSON.stringify({ rows, way, ...speeds }));
  }
}
await engine.release();
