/**
 * Decoding speed of r5 against llama.cpp (through node-llama-cpp, CPU), at the shapes of Qwen2.5-0.5B with random weights: the very same
 * weights, since llama.cpp reads the GGUF file that r5 exports. Each row reads 16 tokens and writes `--tokens` greedily; the time counts from
 * the first new token on. In turns, best of two rounds each.
 * node bench/compare-llama.ts --tokenizer <folder with Qwen2's vocab.json and merges.txt> [--layers 24] [--tokens 32] [--batches 1,8,32] [--formats int8,f32]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { getLlama, LlamaLogLevel, type LlamaContextSequence, type LlamaModel, type Token } from 'node-llama-cpp';
import { LocalEngine } from '../src/engine/local/local-engine.ts';
import { parseModelConfig } from '../src/model/config.ts';
import { loadTokenizer } from '../src/model/tokenizer.ts';
import { Random } from '../src/random.ts';

const { values } = parseArgs({
  options: {
    tokenizer: { type: 'string', default: '../shared/data/qwen2-tokenizer' }, layers: { type: 'string', default: '24' }, tokens: { type: 'string', default: '32' },
    batches: { type: 'string', default: '1,8,32' }, formats: { type: 'string', default: 'int8,f32' },
  },
});
const PROMPT = 16;
const tokens = Number(values.tokens);
const config = parseModelConfig(
  {
    model_type: 'qwen2', hidden_size: 896, intermediate_size: 4864, num_hidden_layers: Number(values.layers), num_attention_heads: 14, num_key_value_heads: 2,
    vocab_size: 151936, max_position_embeddings: 1024, rope_theta: 1e6, rms_norm_eps: 1e-6, tie_word_embeddings: true, eos_token_id: 151643,
  },
  'the shapes',
);
const random = new Random(1);
const prompts = Array.from({ length: 64 }, () => Array.from({ length: PROMPT }, () => random.integer(0, 151000)));

async function r5Speed(engine: LocalEngine, batch: number): Promise<number> {
  const run = async (maxTokens: number): Promise<number> => {
    const start = performance.now();
    await engine.sample(prompts.slice(0, batch).map((prompt) => ({ prompt })), { maxTokens, temperature: 0, stopTokens: [] });
    return performance.now() - start;
  };
  await run(2);
  // Reading the prompt and binding take the same time in both.
  const [short, long] = [await run(2), await run(tokens + 2)];
  return (batch * tokens * 1000) / (long - short);
}

async function llamaSpeed(model: LlamaModel, batch: number): Promise<number> {
  const context = await model.createContext({ contextSize: PROMPT + tokens + 8, sequences: batch, threads: availableParallelism(), batchSize: 512 });
  const sequences = Array.from({ length: batch }, () => context.getSequence());
  let started = 0;
  let begin = 0;
  const write = async (sequence: LlamaContextSequence, prompt: readonly number[]): Promise<void> => {
    let count = 0;
    for await (const _ of sequence.evaluate(prompt as unknown as Token[], { temperature: 0, yieldEogToken: true })) {
      if (count === 0 && ++started === batch) begin = performance.now();
      if (++count > tokens) break;
    }
  };
  await Promise.all(sequences.map((sequence, i) => write(sequence, prompts[i] ?? [])));
  const speed = (batch * tokens * 1000) / (performance.now() - begin);
  await context.dispose();
  return speed;
}

const folder = mkdtempSync(join(tmpdir(), 'r5-llama-'));
const tokenizer = await loadTokenizer(values.tokenizer, config);
const llama = await getLlama({ build: 'never', gpu: false, progressLogs: false, skipDownload: true, maxThreads: availableParallelism(), logLevel: LlamaLogLevel.error });
try {
  for (const format of values.formats.split(',')) {
    if (format !== 'int8' && format !== 'f32') throw new Error(`--formats are int8 and f32, not ${format}`);
    const type = format === 'int8' ? 'q8_0' : 'f32';
    const engine = LocalEngine.create(config, { frozen: true, weights: format, tokenizer, tokenizerDirectory: values.tokenizer, decodeRows: 64 });
    const path = join(folder, `${type}.gguf`);
    await engine.exportGguf(path, { type });
    const model = await llama.loadModel({ modelPath: path, gpuLayers: 0 });
    for (const batch of values.batches.split(',').map(Number)) {
      const [ours, theirs]: [number[], number[]] = [[], []];
      for (let round = 0; round < 2; round++) {
        ours.push(await r5Speed(engine, batch));
        theirs.push(await llamaSpeed(model, batch));
      }
      const [a, b] = [Math.max(...ours), Math.max(...theirs)];
      console.log(JSON.stringify({ weights: `${format} / ${type}`, batch, r5: Number(a.toFixed(1)), llamaCpp: Number(b.toFixed(1)), ratio: Number((a / b).toFixed(2)) }));
    }
    await model.dispose();
    await engine.release();
  }
} finally {
  await llama.dispose();
  rmSync(folder, { recursive: true, force: true });
}
