/**
 * The R1 recipe, stage 3: rejection sampling. The trained model answers many problems several times; right answers become a new set of
 * examples, and the original model is fine-tuned on it. It keeps what was learned without the wear of reinforcement learning, and the set
 * can be mixed with others.
 *
 *     node examples/r1/3-rejection-sampling.ts
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fineTune, loadTask, LocalEngine, rejectionSample, resolveModel, type SftExample } from 'r5-rl';
import { accuracy, bound, percent } from './accuracy.ts';

export interface Rejection {
  /** Who answers. */
  from?: string;
  /** Who is fine-tuned on the right answers. */
  model?: string;
  task?: string;
  problems?: number;
  steps?: number;
  rows?: number;
  to: string;
}

export async function rejection(options: Rejection) {
  const { from = 'runs/r1/reinforcement', model = 'r5-tiny', task: name = 'countdown', problems = 512, steps = 32, rows = 256, to } = options;
  const task = await loadTask(name);
  const writer = await LocalEngine.open(await resolveModel(from, 'runs'), { frozen: true });
  let examples: SftExample[];
  try {
    const sampling = { maxTokens: task.maxTokens, temperature: 1, seed: 3 };
    const result = await rejectionSample(writer, await bound(task, writer, 'train'), { rows: Array.from({ length: problems }, (_, row) => row), samples: 4, sampling });
    examples = result.examples;
    console.log(`${result.accepted} of ${result.sampled} answers were right; ${examples.length} kept, ${result.unsolved.length} problems unsolved`);
    mkdirSync(to, { recursive: true });
    const text = (tokens: readonly number[]) => writer.tokenizer?.decode(tokens, { continues: true });
    writeFileSync(`${to}/examples.jsonl`, examples.map(({ prompt, completion }) => `${JSON.stringify({ prompt: text(prompt), completion: text(completion) })}\n`).join(''));
  } finally {
    await writer.release();
  }
  const engine = await LocalEngine.open(await resolveModel(model, 'runs'));
  try {
    const before = await accuracy(task, engine, rows);
    const batch = 32;
    await fineTune(engine, {
      schedule: { learningRate: 5e-4, kind: 'linear', warmupSteps: 4, totalSteps: steps, finalShare: 0.1 },
      nextBatch: (step) => Array.from({ length: batch }, (_, i) => examples[((step - 1) * batch + i) % examples.length] ?? { prompt: [], completion: [] }),
    });
    await engine.exportModel(to);
    return { before, after: await accuracy(task, engine, rows), examples: examples.length };
  } finally {
    await engine.release();
  }
}

if (import.meta.main) {
  const { before, after } = await rejection({ to: 'runs/r1/rejection-sampling' });
  console.log(`held-out accuracy ${percent(before)} before, ${percent(after)} after; examples.jsonl and the model are in runs/r1/rejection-sampling`);
}
