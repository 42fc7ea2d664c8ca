/** Greedy accuracy on held-out rows, for the stages of the recipe. */
import { bindTask, evaluate, LocalEngine, R5Error, type BoundCompletions, type Task } from 'r5-rl';

export async function bound(task: Task, engine: LocalEngine, set: 'train' | 'test'): Promise<BoundCompletions> {
  const { tokenizer, contextLength } = engine;
  if (!tokenizer) throw new R5Error('The model has no tokenizer.');
  return bindTask(task, set, { tokenizer, contextLength, maxTokens: task.maxTokens });
}

export async function accuracy(task: Task, engine: LocalEngine, rows: number): Promise<number> {
  const result = await evaluate(engine, await bound(task, engine, 'test'), { rows, sampling: { maxTokens: task.maxTokens, temperature: 0 } });
  return result.accuracy;
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
