/**
 * Makes the embedded base model from nothing: a tokenizer and a small Llama trained on worked solutions of mixed quality
 * (src/task/corpus.ts), in two stages. `npm run make-r5-tiny` remakes models/r5-tiny; its card tells what came out.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { LocalEngine } from '../src/engine/local/local-engine.ts';
import { smallNumbers, trainBytePair } from '../src/model/byte-pair-training.ts';
import { loadTokenizer, type Tokenizer } from '../src/model/tokenizer.ts';
import { saveTokenizer } from '../src/model/tokenizer-files.ts';
import { fineTune, type SftExample } from '../src/rl/sft.ts';
import { pretrainingCorpus, type CorpusOptions, type CorpusSample } from '../src/task/corpus.ts';
import { parseModelConfig, type ModelConfig } from '../src/model/config.ts';

interface Stage {
  name: string;
  steps: number;
  learningRate: number;
  /** Seed of its corpus. */
  seed: number;
  corpus: CorpusOptions;
}

/**
 * The first stage has many slips in its long searches, which keeps arithmetic from becoming sharp; the second, shorter one has the
 * corpus's own mix: mostly searches that give up early, some that go through, few slips.
 */
const STAGES: readonly Stage[] = [
  {
    name: 'first',
    steps: 3500,
    learningRate: 2e-3,
    seed: 1,
    corpus: {
      mix: { careful: 0.15, hasty: 0.7, sloppy: 0.15 },
      habits: { countdown: { hasty: { giveUp: 0.8, slip: 0, garble: 0 }, sloppy: { giveUp: 0, slip: 0.25, garble: 0.3 } } },
    },
  },
  { name: 'second', steps: 1300, learningRate: 1.2e-3, seed: 3, corpus: {} },
];
const BATCH = 96;
const CONTEXT_LENGTH = 512;
const END = '<|end|>';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'models/r5-tiny' },
    stage: { type: 'string', default: 'first' },
  },
});
const directory = values.out;
mkdirSync(directory, { recursive: true });
const fromStage = STAGES.findIndex(({ name }) => name === values.stage);
if (fromStage < 0) throw new Error(`--stage is ${values.stage}; it must be one of ${STAGES.map(({ name }) => name).join(', ')}`);
const tokenizer = fromStage === 0 ? await makeTokenizer() : await loadTokenizer(directory);
for (const stage of STAGES.slice(fromStage)) await runStage(stage);

/** Trains and writes the model; every stage but the first goes on from the weights in the directory. */
async function runStage(stage: Stage): Promise<void> {
  const engine =
    stage === STAGES[0]
      ? LocalEngine.create(modelConfig(tokenizer.vocabularySize), { seed: stage.seed, tokenizer, tokenizerDirectory: directory })
      : await LocalEngine.open(directory);
  const corpus = pretrainingCorpus(stage.seed, stage.corpus);
  const started = performance.now();
  let seen = 0;
  let smoothed = 0;
  await fineTune(engine, {
    schedule: { learningRate: stage.learningRate, kind: 'cosine', warmupSteps: 100, totalSteps: stage.steps, finalShare: 0.02 },
    optimizer: { beta2: 0.98, weightDecay: 0.01 },
    nextBatch: () => Array.from({ length: BATCH }, () => encodeSample(corpus.next().value)),
    onStep: async ({ step, loss, tokens, seconds }) => {
      seen += tokens;
      smoothed = smoothed === 0 ? loss : 0.98 * smoothed + 0.02 * loss;
      if (step % 50 !== 0 && step !== stage.steps) return;
      const minutes = (performance.now() - started) / 60000;
      console.log(`${stage.name} ${step}/${stage.steps}  loss ${smoothed.toFixed(4)}  ${Math.round(tokens / seconds)} tokens/s  ${minutes.toFixed(1)} min`);
    },
  });
  await engine.exportModel(directory);
  await engine.release();
  const { name, steps, learningRate } = stage;
  writeFileSync(`${directory}/training-${name}.json`, `${JSON.stringify({ steps, batch: BATCH, learningRate, completionTokens: seen, finalLoss: smoothed }, null, 2)}\n`);
}

function encodeSample({ prompt, completion }: CorpusSample): SftExample {
  const end = tokenizer.tokenId(END);
  if (end === undefined) throw new Error(`the tokenizer has no ${END}`);
  return { prompt: tokenizer.encode(prompt), completion: [...tokenizer.encode(completion), end] };
}

async function makeTokenizer(): Promise<Tokenizer> {
  const samples = pretrainingCorpus(2, STAGES[0]?.corpus);
  const texts = Array.from({ length: 20000 }, () => samples.next().value).map(({ prompt, completion }) => prompt + completion);
  const model = trainBytePair(texts, { vocabularySize: 704, specialTokens: [END, '<|begin|>', '<|pad|>'], alwaysMerge: smallNumbers });
  await saveTokenizer(directory, model, { roles: { end: END, padding: '<|pad|>' }, contextLength: CONTEXT_LENGTH });
  return loadTokenizer(directory);
}

function modelConfig(vocabularySize: number): ModelConfig {
  const fields = {
    model_type: 'llama', hidden_size: 192, intermediate_size: 512, num_hidden_layers: 4, num_attention_heads: 6, vocab_size: vocabularySize,
    max_position_embeddings: CONTEXT_LENGTH, rms_norm_eps: 1e-5, tie_word_embeddings: true, bos_token_id: null, eos_token_id: 0,
  };
  return parseModelConfig(fields, 'r5-tiny');
}
