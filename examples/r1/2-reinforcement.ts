/**
 * The R1 recipe, stage 2: reinforcement learning on whether the answer is right. No one says how to reason; what leads to right answers is
 * written more often.
 *
 *     node examples/r1/2-reinforcement.ts
 */
import { grpoDefaults, loadTask, LocalEngine, resolveModel, trainGrpo } from 'r5-rl';
import { accuracy, bound, percent } from './accuracy.ts';

export interface Reinforcement {
  model?: string;
  task?: string;
  steps?: number;
  rows?: number;
  to: string;
}

export async function reinforcement({ model = 'runs/r1/cold-start', task: name = 'countdown', steps = 12, rows = 256, to }: Reinforcement) {
  const task = await loadTask(name);
  const engine = await LocalEngine.open(await resolveModel(model, 'runs'));
  try {
    const before = await accuracy(task, engine, rows);
    const settings = {
      ...grpoDefaults,
      schedule: { learningRate: 2.5e-4, kind: 'linear', warmupSteps: 0, totalSteps: steps, finalShare: 0.1 },
      sampling: { maxTokens: task.maxTokens, temperature: 1 },
      loss: 'ppo',
      updates: 2,
      truncated: 'keep',
    } as const;
    await trainGrpo(engine, await bound(task, engine, 'train'), settings, {
      onStep: ({ step, reward, meanLength }) => console.log(`step ${step}: reward ${reward.toFixed(3)}, length ${meanLength.toFixed(0)}`),
    });
    await engine.exportModel(to);
    return { before, after: await accuracy(task, engine, rows) };
  } finally {
    await engine.release();
  }
}

if (import.meta.main) {
  const { before, after } = await reinforcement({ to: 'runs/r1/reinforcement' });
  console.log(`held-out accuracy ${percent(before)} before, ${percent(after)} after; the model is in runs/r1/reinforcement`);
}
