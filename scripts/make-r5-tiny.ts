/**
 * Makes the embedded base model from nothing: a tokenizer and a small Llama trained on worked solutions of mixed quality
 * (src/task/corpus.ts). `npm run make-r5-tiny` remakes models/r5-tiny; settings that were used stand in its card.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { LocalEngine } from '../src/engine/local/local-engine.ts';
import { smallNumbers, trainBytePair } from '../src/model/byte-pair-training.ts';
import { loadTokenizer, type Tokenizer } from '../src/model/tokenizer.ts';
import { saveTokenizer } from '../src/model/tokenizer-files.ts';
import { fineTune, type SftExample } from '../src/rl/sft.ts';
import { pretrainingCorpus, type CorpusSample } from '../src/task/corpus.ts';
import type { ModelConfig } from '../src/model/config.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'models/r5-tiny' },
    steps: { type: 'string', default: '6000' },
    batch: { type: 'string', default: '96' },
    'learning-rate': { type: 'string', default: '2e-3' },
    seed: { type: 'string', default: '1' },
  },
});
const steps = Number(values.steps);
const batchSize = Number(values.batch);
const seed = Number(values.seed);
const contextLength = 512;
const END = '<|end|>';

mkdirSync(values.out, { recursive: true });
const corpus = pretrainingCorpus(seed);
const tokenizer = await makeTokenizer(values.out);
const engine = LocalEngine.create(modelConfig(tokenizer.vocabularySize), { seed, tokenizer, tokenizerDirectory: values.out });
console.log(`${engine.parameterCount} parameters, ${tokenizer.vocabularySize} tokens in the vocabulary`);

const started = performance.now();
let seen = 0;
let smoothed = 0;
await fineTune(engine, {
  schedule: { learningRate: Number(values['learning-rate']), kind: 'cosine', warmupSteps: 100, totalSteps: steps, finalShare: 0.02 },
  optimizer: { beta2: 0.98, weightDecay: 0.01 },
  nextBatch: () => Array.from({ length: batchSize }, () => encodeSample(tokenizer, corpus.next().value)),
  onStep: async ({ step, loss, tokens, seconds, gradientNorm }) => {
    seen += tokens;
    smoothed = smoothed === 0 ? loss : 0.98 * smoothed + 0.02 * loss;
    if (step % 50 !== 0 && step !== steps) return;
    const minutes = (performance.now() - started) / 60000;
    console.log(`step ${step}  loss ${smoothed.toFixed(4)}  norm ${gradientNorm.toFixed(2)}  ${Math.round(tokens / seconds)} tokens/s  ${minutes.toFixed(1)} min  ${seen} tokens`);
    if (step % 500 === 0 || step === steps) await engine.exportModel(values.out);
  },
});
writeFileSync(`${values.out}/training.json`, `${JSON.stringify({ steps, batchSize, seed, completionTokens: seen, learningRate: values['learning-rate'], finalLoss: smoothed }, null, 2)}\n`);
await engine.release();

function encodeSample(tokens: Tokenizer, { prompt, completion }: CorpusSample): SftExample {
  const end = tokens.tokenId(END);
  if (end === undefined) throw new Error(`the tokenizer has no ${END}`);
  return { prompt: tokens.encode(prompt), completion: [...tokens.encode(completion), end] };
}

async function makeTokenizer(directory: string): Promise<Tokenizer> {
  const samples = pretrainingCorpus(seed + 1);
  const texts = Array.from({ length: 20000 }, () => samples.next().value).map(({ prompt, completion }) => prompt + completion);
  const model = trainBytePair(texts, { vocabularySize: 704, specialTokens: [END, '<|begin|>', '<|pad|>'], alwaysMerge: smallNumbers });
  await saveTokenizer(directory, model, { roles: { end: END, padding: '<|pad|>' }, contextLength });
  return loadTokenizer(directory);
}

function modelConfig(vocabularySize: number): ModelConfig {
  return {
    family: 'llama', hiddenSize: 192, intermediateSize: 512, layers: 4, heads: 6, keyValueHeads: 6, headSize: 32, vocabularySize, contextLength,
    normEpsilon: 1e-5, ropeTheta: 10000, ropeScaling: null, tieEmbeddings: true, attentionBias: false, attentionOutputBias: false,
    mlpBias: false, qkNorm: false, endTokens: [0], beginToken: null, raw: {},
  };
}
