/**
 * The R1 recipe, stage 1: cold start. A few hundred worked answers in the form that is wanted, so that reinforcement learning starts from a
 * model that reasons at all and answers readably. Yours would come from people, or from a larger model that was asked to think aloud.
 *
 *     node examples/r1/1-cold-start.ts
 */
import { encodePrompt, fineTune, loadTask, LocalEngine, R5Error, resolveModel } from 'r5-rl';
import { accuracy, percent } from './accuracy.ts';

export interface ColdStart {
  model?: string;
  task?: string;
  examples?: number;
  steps?: number;
  rows?: number;
  to: string;
}

export async function coldStart({ model = 'r5-tiny', task: name = 'countdown', examples = 512, steps = 32, rows = 256, to }: ColdStart) {
  const task = await loadTask(name);
  const { solution } = task;
  if (!solution) throw new R5Error(`The task ${name} has no worked solutions to start from.`);
  const engine = await LocalEngine.open(await resolveModel(model, 'runs'));
  try {
    const { tokenizer, config } = engine;
    const [endToken] = config.endTokens;
    if (!tokenizer || endToken === undefined) throw new R5Error(`The model ${model} has no tokenizer or no end token.`);
    const before = await accuracy(task, engine, rows);
    const data = (await task.train()).slice(0, examples).map((row) => ({
      prompt: encodePrompt(task.prompt(row), tokenizer),
      completion: [...tokenizer.encode(solution(row)), endToken],
    }));
    const batch = 32;
    await fineTune(engine, {
      schedule: { learningRate: 5e-4, kind: 'linear', warmupSteps: 4, totalSteps: steps, finalShare: 0.1 },
      nextBatch: (step) => Array.from({ length: batch }, (_, i) => data[((step - 1) * batch + i) % data.length] ?? { prompt: [], completion: [] }),
      onStep: ({ step, loss }) => void (step % 8 === 0 && console.log(`step ${step}: loss ${loss.toFixed(3)}`)),
    });
    await engine.exportModel(to);
    return { before, after: await accuracy(task, engine, rows) };
  } finally {
    await engine.release();
  }
}

if (import.meta.main) {
  const { before, after } = await coldStart({ to: 'runs/r1/cold-start' });
  console.log(`held-out accuracy ${percent(before)} before, ${percent(after)} after; the model is in runs/r1/cold-start`);
}
