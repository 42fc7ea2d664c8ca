/**
 * Makes the embedded base model of the search task from nothing: a tokenizer and a small Llama trained on conversations with a search tool
 * (src/task/search/corpus.ts), in two stages. `npm run make-r5-tiny-search` remakes models/r5-tiny-search; its card tells what came out.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { ChatMessage, ChatTool } from '../src/chat-message.ts';
import { LocalEngine } from '../src/engine/local/local-engine.ts';
import { trainBytePair } from '../src/model/byte-pair-training.ts';
import { saveCheckpoint } from '../src/model/checkpoint.ts';
import { encodeChat } from '../src/model/chat.ts';
import { parseModelConfig, type ModelConfig } from '../src/model/config.ts';
import { loadTokenizer, type Tokenizer } from '../src/model/tokenizer.ts';
import { saveTokenizer } from '../src/model/tokenizer-files.ts';
import { fineTune, type SftExample } from '../src/rl/sft.ts';
import { searchCorpus } from '../src/task/search/corpus.ts';
import { encyclopaedia } from '../src/task/search/encyclopaedia.ts';
import { firstNames, firstSyllables, lastSyllables, middleSyllables } from '../src/task/search/names.ts';
import { relations } from '../src/task/search/relations.ts';
import { SEARCH_TOOL } from '../src/task/search/search-tool.ts';
import { carefulHabits, hastyHabits, type SearchHabits } from '../src/task/search/traces.ts';
import { drawWithInductionHeads } from './induction-heads.ts';

interface Stage {
  name: string;
  steps: number;
  learningRate: number;
  schedule: 'constant' | 'cosine';
  batch: number;
  /** Seed of its corpus. */
  seed: number;
  habits: SearchHabits;
  /** Share of questions of two hops. */
  twoHops: number;
  /** Share of drills in place of conversations. */
  drills: number;
  /** Weight of a token of a search result beside one that the assistant wrote: reading repeated names teaches copying. */
  resultWeight: number;
}

/** The first two make the skills, on good work only; the last and shortest one the habits. */
const STAGES: readonly Stage[] = [
  { name: 'reading', steps: 200, learningRate: 2e-3, schedule: 'constant', batch: 32, seed: 1, habits: carefulHabits, twoHops: 0.2, drills: 0.3, resultWeight: 0.1 },
  { name: 'skills', steps: 350, learningRate: 2e-3, schedule: 'cosine', batch: 32, seed: 2, habits: carefulHabits, twoHops: 0.55, drills: 0.1, resultWeight: 0.05 },
  { name: 'habits', steps: 200, learningRate: 6e-4, schedule: 'cosine', batch: 32, seed: 3, habits: hastyHabits, twoHops: 0.5, drills: 0, resultWeight: 0 },
];
const CONTEXT_LENGTH = 768;
const ROPE_THETA = 100000;
const END = '<|end|>';
const PADDING = '<|pad|>';
const SPECIAL_TOKENS = [END, '<|user|>', '<|assistant|>', '<|tool|>', '<|tools|>', PADDING];

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'models/r5-tiny-search' },
    stage: { type: 'string', default: 'reading' },
    layers: { type: 'string', default: '4' },
    width: { type: 'string', default: '128' },
    threads: { type: 'string', default: '1' },
    steps: { type: 'string' },
    until: { type: 'string', default: 'habits' },
  },
});
const directory = values.out;
mkdirSync(directory, { recursive: true });
const fromStage = stageIndex('--stage', values.stage);
const untilStage = stageIndex('--until', values.until);
const tokenizer = fromStage === 0 ? await makeTokenizer() : await loadTokenizer(directory);
const heldOutNames = encyclopaedia().entities.test.map(({ name }) => name);
const tools: ChatTool[] = [{ type: 'function', function: { name: SEARCH_TOOL } }];
// One thread: on a busy machine two that wait for each other get less done.
const engineOptions = { microBatchTokens: 1024, threads: Number(values.threads) };
if (fromStage === 0) {
  const config = modelConfig(tokenizer.vocabularySize);
  await saveCheckpoint(directory, config, drawWithInductionHeads(config, ROPE_THETA, 1));
}
const engine = await LocalEngine.open(directory, engineOptions);
console.log(`${engine.parameterCount} parameters, ${tokenizer.vocabularySize} tokens`);
for (const stage of STAGES.slice(fromStage, untilStage + 1)) await runStage({ ...stage, steps: Number(values.steps ?? stage.steps) });
await engine.release();

function stageIndex(option: string, wanted: string): number {
  const index = STAGES.findIndex(({ name }) => name === wanted);
  if (index < 0) throw new Error(`${option} is ${wanted}; it must be one of ${STAGES.map(({ name }) => name).join(', ')}`);
  return index;
}

/** Trains and writes the model; every stage goes on from the weights of the one before it. */
async function runStage(stage: Stage): Promise<void> {
  const corpus = searchCorpus(stage.seed, stage.habits, { twoHops: stage.twoHops, drills: stage.drills, without: heldOutNames });
  const started = performance.now();
  let seen = 0;
  let all = 0;
  let smoothed = 0;
  await fineTune(engine, {
    schedule: { learningRate: stage.learningRate, kind: stage.schedule, warmupSteps: 60, totalSteps: stage.steps, finalShare: 0.02 },
    optimizer: { beta2: 0.98, weightDecay: 0.01 },
    nextBatch: () => {
      const batch = Array.from({ length: stage.batch }, () => encodeConversation(corpus.next().value, stage.resultWeight));
      all += batch.reduce((total, { completion }) => total + completion.length + 1, 0);
      return batch;
    },
    onStep: async ({ step, loss, tokens, seconds }) => {
      seen += tokens;
      smoothed = smoothed === 0 ? loss : 0.98 * smoothed + 0.02 * loss;
      if (step % 100 === 0) await engine.exportModel(directory);
      if (step % 25 !== 0 && step !== stage.steps) return;
      const minutes = (performance.now() - started) / 60000;
      console.log(`${stage.name} ${step}/${stage.steps}  loss ${smoothed.toFixed(4)}  ${Math.round(all / minutes / 60)} tokens/s  ${seconds.toFixed(2)} s  ${minutes.toFixed(1)} min`);
    },
  });
  await engine.exportModel(directory);
  const { name, steps, learningRate, batch } = stage;
  writeFileSync(`${directory}/training-${name}.json`, `${JSON.stringify({ steps, batch, learningRate, tokens: all, learnedTokens: Math.round(seen), finalLoss: smoothed }, null, 2)}\n`);
}

function encodeConversation(messages: readonly ChatMessage[], resultWeight: number): SftExample {
  const { chatTemplate } = tokenizer;
  if (!chatTemplate) throw new Error(`${directory} has no chat_template.jinja`);
  const { tokens, mask } = encodeChat(messages, chatTemplate, tokenizer, { tools });
  const firstWritten = mask.indexOf(1);
  return { prompt: tokens.slice(0, firstWritten), completion: tokens.slice(firstWritten), mask: Float32Array.from(mask.subarray(firstWritten), (written) => written || resultWeight) };
}

/** Names are cut into syllables, each a token. */
async function makeTokenizer(): Promise<Tokenizer> {
  const samples = searchCorpus(3, { ...hastyHabits, retry: 0.5 }, { conversationsOfWorld: 12 });
  const texts = Array.from({ length: 3000 }, () => samples.next().value.map(({ content }) => content).join('\n'));
  const spaced = (words: readonly string[]): string[] => words.map((word) => ` ${word}`);
  const centuries = ['15', '16', '17', '18', '19'];
  const pairs = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'));
  const model = trainBytePair(texts, {
    vocabularySize: 944,
    specialTokens: SPECIAL_TOKENS,
    wholeTexts: ['<tool_call>\n{"name": "search", "arguments": {"query": "', '"}}\n</tool_call>'],
    alwaysMerge: [...spaced(centuries), ...pairs, ...spaced(firstSyllables), ...spaced(firstNames), ...middleSyllables, ...lastSyllables, 'ium', 'ish', 'the', 'about', 'answer', SEARCH_TOOL, ...spaced(relations.map(({ label }) => label))],
  });
  await saveTokenizer(directory, model, { roles: { end: END, padding: PADDING }, contextLength: CONTEXT_LENGTH });
  return loadTokenizer(directory);
}

function modelConfig(vocabularySize: number): ModelConfig {
  const width = Number(values.width);
  const fields = {
    model_type: 'llama', hidden_size: width, intermediate_size: Math.round((width * 8) / 3 / 32) * 32, num_hidden_layers: Number(values.layers), num_attention_heads: width / 32,
    vocab_size: vocabularySize, max_position_embeddings: CONTEXT_LENGTH, rms_norm_eps: 1e-5, rope_theta: ROPE_THETA, tie_word_embeddings: true, bos_token_id: null, eos_token_id: 0,
  };
  return parseModelConfig(fields, 'r5-tiny-search');
}
