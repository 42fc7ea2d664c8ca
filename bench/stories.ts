/**
 * Reinforcement learning of a real pretrained model: stories260k learns the style of examples/story.ts. Three seeds; held-out reward before
 * and after at temperature 1, and what became of the language: loss per token on stories that the base model tells.
 * node bench/stories.ts <directory of stories260k> [runs directory] [seed ...]
 */
import { LocalEngine } from '../src/engine/local/local-engine.ts';
import { bindTask } from '../src/train/bind-task.ts';
import { evaluate } from '../src/train/evaluate.ts';
import { resolveModel } from '../src/train/resolve-model.ts';
import { trainRun } from '../src/train/train-run.ts';
import { loadTask } from '../src/train/load-task.ts';
import type { Datum } from '../src/engine/engine.ts';

const [model = '../shared/data/stories260k', runs = 'runs', ...seeds] = process.argv.slice(2);
const TASK = new URL('../examples/story.ts', import.meta.url).pathname;
const SETTINGS = { steps: 160, prompts: 32, groupSize: 8, learningRate: 1e-3, schedule: 'linear', truncated: 'keep', klCoefficient: 0.05, evalEvery: 20, evalTemperature: 1 } as const;

async function withModel<Result>(directory: string, use: (engine: LocalEngine) => Promise<Result>): Promise<Result> {
  const engine = await LocalEngine.open(directory, { frozen: true });
  try {
    return await use(engine);
  } finally {
    await engine.release();
  }
}

/** 256 stories of the base model. */
const stories = await withModel(model, async (engine) => {
  const begin = engine.tokenizer?.beginToken ?? 1;
  const told = await engine.sample([{ prompt: [begin], count: 256 }], { maxTokens: 256, stop: ['<s>'], seed: 2026 });
  return told.flat().map(({ tokens }): Datum => ({ tokens: [begin, ...tokens], inputs: {} }));
});

async function measure(directory: string): Promise<{ reward: number; full: number; loss: number }> {
  return withModel(directory, async (engine) => {
    const logprobs = (await engine.forward(stories)).flatMap((row) => [...row]);
    const task = await loadTask(TASK);
    if (!engine.tokenizer) throw new Error('the model has a tokenizer');
    const bound = await bindTask(task, 'test', { tokenizer: engine.tokenizer, contextLength: engine.contextLength, maxTokens: task.maxTokens });
    const { meanReward, accuracy } = await evaluate(engine, bound, { samples: 32, sampling: { maxTokens: task.maxTokens, stop: task.stop ?? [], seed: 7 } });
    return { reward: meanReward, full: accuracy, loss: -logprobs.reduce((total, x) => total + x, 0) / logprobs.length };
  });
}

const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
const base = await measure(model);
console.log(`base: reward ${percent(base.reward)}, full marks ${percent(base.full)}, loss per token ${base.loss.toFixed(4)}`);
for (const seed of (seeds.length > 0 ? seeds : ['1', '2', '3']).map(Number)) {
  const { run, trainSeconds } = await trainRun({ ...SETTINGS, task: TASK, model, seed }, runs);
  const after = await measure(await resolveModel(run.directory, runs));
  console.log(
    `seed ${seed}: reward ${percent(after.reward)} (${((after.reward - base.reward) * 100).toFixed(1)} points), full marks ${percent(after.full)}, ` +
      `loss per token ${after.loss.toFixed(4)} (${percent(after.loss / base.loss - 1)} more), ${trainSeconds.toFixed(0)} s; ${run.name}`,
  );
}
