import { describe, expect, test } from 'vitest';
import { workedTasks } from './worked-tasks.ts';
import { defaultQualityMix } from './traces.ts';
import { pretrainingCorpus } from './corpus.ts';
import type { CorpusOptions, CorpusSample } from './corpus.ts';
import { loadTask } from '../train/load-task.ts';
import { loadRows } from './rows.ts';

function take(count: number, seed: number, options?: CorpusOptions): CorpusSample[] {
  const samples = pretrainingCorpus(seed, options);
  return Array.from({ length: count }, () => samples.next().value);
}

describe('pretrainingCorpus', () => {
  const samples = take(4000, 1);

  test('holds no held-out prompt', async () => {
    const heldOut = new Set<string>();
    for (const name of Object.keys(workedTasks)) {
      const task = await loadTask(name);
      for (const row of await loadRows(task, 'test')) heldOut.add(task.prompt(row));
    }
    expect(heldOut.size).toBe(3 * 1024);
    expect(samples.filter((sample) => heldOut.has(sample.prompt))).toEqual([]);
  });

  test('is the same for the same seed and another one for another seed', () => {
    expect(take(50, 1)).toEqual(samples.slice(0, 50));
    expect(take(50, 2)).not.toEqual(samples.slice(0, 50));
  });

  test('mixes tasks and qualities as weighted', () => {
    const share = (fits: (sample: CorpusSample) => boolean): number => samples.filter(fits).length / samples.length;
    expect(Math.abs(share(({ task }) => task === 'countdown') - 0.7)).toBeLessThan(0.03);
    expect(Math.abs(share(({ task }) => task === 'sort') - 0.15)).toBeLessThan(0.03);
    expect(Math.abs(share(({ quality }) => quality === 'hasty') - defaultQualityMix.hasty)).toBeLessThan(0.03);
    const only = take(50, 1, { weights: { countdown: 0, sort: 1, maze: 0 }, mix: { careful: 1, hasty: 0, sloppy: 0 } });
    expect(only.every(({ task, quality }) => task === 'sort' && quality === 'careful')).toBe(true);
  });

  test('has prompts that end their line, and completions with an answer and no line end behind it', () => {
    for (const { prompt, completion } of samples) {
      expect(prompt.endsWith('\n')).toBe(true);
      expect(completion).toMatch(/(^|\n)answer: \S.*$/);
      expect(completion).toBe(completion.trim());
    }
  });

  test('stops rather than teach a held-out problem', () => {
    const { maze } = workedTasks;
    const isHeldOut = maze.isHeldOut;
    maze.isHeldOut = () => true;
    try {
      expect(() => take(1, 1, { weights: { countdown: 0, sort: 0, maze: 1 } })).toThrow('The task maze drew a held-out problem');
    } finally {
      maze.isHeldOut = isHeldOut;
    }
  });
});
