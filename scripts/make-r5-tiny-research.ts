/**
 * Makes models/r5-tiny-research-base, from which `r5 train research` starts: a model that has learned to answer in cited sentences (`r5 sft research`)
 * is shown how somebody hasty does it. `npm run make-r5-tiny-research -- --from <run>`; the cards of the models have all commands, and what came out.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { LocalEngine } from '../src/engine/local/local-engine.ts';
import { encodeChat } from '../src/model/chat.ts';
import { loadTokenizer } from '../src/model/tokenizer.ts';
import { Random } from '../src/random.ts';
import { hastyResearch, workedResearch } from '../src/research/task/hasty-research.ts';
import { research } from '../src/research/task/research.ts';
import { fineTune, type SftExample } from '../src/rl/sft.ts';
import { chatTools } from '../src/task/tool-schema.ts';
import { resolveModel } from '../src/train/resolve-model.ts';

const STEPS = 80;
const BATCH = 32;
const LEARNING_RATE = 5e-4;

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    out: { type: 'string', default: 'models/r5-tiny-research-base' },
    threads: { type: 'string', default: '2' },
  },
});
if (values.from === undefined) throw new Error('--from is missing: the run of r5 sft research, or the folder of a model');
const directory = await resolveModel(values.from, 'runs');
const rows = await research.train();
const tokenizer = await loadTokenizer(directory);
const engine = await LocalEngine.open(directory, { microBatchTokens: 1024, threads: Number(values.threads) });
let next = 0;
const batches: SftExample[][] = [];
for (let step = 0; step < STEPS; step++) {
  const batch: SftExample[] = [];
  while (batch.length < BATCH) batch.push(await example(next++));
  batches.push(batch);
}
await fineTune(engine, {
  schedule: { learningRate: LEARNING_RATE, kind: 'cosine', warmupSteps: 10, totalSteps: STEPS, finalShare: 0.02 },
  optimizer: { beta2: 0.98, weightDecay: 0.01 },
  nextBatch: () => batches.shift() ?? [],
  onStep: ({ step, loss, seconds }) => {
    if (step % 20 === 0) console.log(`${step}/${STEPS}  loss ${loss.toFixed(4)}  ${seconds.toFixed(2)} s`);
  },
});
await engine.exportModel(values.out);
writeFileSync(`${values.out}/r5.json`, `${JSON.stringify({ task: 'research' })}\n`);
await engine.release();

/** Rows come in their order, from the beginning again where there are no more. */
async function example(index: number): Promise<SftExample> {
  const row = rows[index % rows.length];
  if (row === undefined || tokenizer.chatTemplate === undefined) throw new Error('no rows, or no chat template');
  const messages = await workedResearch(row, hastyResearch, new Random(1, index));
  const { tokens, mask } = encodeChat(messages, tokenizer.chatTemplate, tokenizer, { tools: chatTools(research.tools?.(row) ?? []) });
  const start = mask.indexOf(1);
  return { prompt: tokens.slice(0, start), completion: tokens.slice(start), mask: mask.slice(start) };
}
