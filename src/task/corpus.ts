/** The text that a base model is trained on: problems of all built-in tasks with worked solutions of mixed quality, without end. */
import { R5Error } from '../error.ts';
import { hashText, Random } from '../random.ts';
import { workedTasks } from './worked-tasks.ts';
import { defaultQualityMix, drawQuality, drawWeighted } from './traces.ts';
import type { Habits, Quality, QualityMix, WorkedTask } from './traces.ts';

export type CorpusTask = keyof typeof workedTasks;

export interface CorpusSample {
  prompt: string;
  /** Worked solution behind the prompt, without a line end at its end: the end token follows. */
  completion: string;
  task: CorpusTask;
  quality: Quality;
}

export interface CorpusOptions {
  /** How often each task is drawn; the weights need not add up to 1. */
  weights?: Readonly<Record<CorpusTask, number>>;
  mix?: QualityMix;
  /** Habits in place of a task's own. */
  habits?: Partial<Readonly<Record<CorpusTask, Partial<Readonly<Record<Quality, Habits>>>>>>;
}

export const defaultCorpusWeights: Readonly<Record<CorpusTask, number>> = { countdown: 0.7, sort: 0.15, maze: 0.15 };

const corpusTasks: readonly CorpusTask[] = ['countdown', 'sort', 'maze'];
const streamName = hashText('pretraining corpus');

/**
 * Samples without end; the same seed gives the same ones. Every problem is new and of its task's training split.
 * @throws R5Error when a problem turns out to be held out, which would make every later evaluation worthless.
 */
export function* pretrainingCorpus(
  seed: number,
  { weights = defaultCorpusWeights, mix = defaultQualityMix, habits = {} }: CorpusOptions = {},
): Generator<CorpusSample, never, undefined> {
  for (let index = 0; ; index++) {
    const random = new Random(streamName, seed, index);
    const task = drawWeighted(corpusTasks, (name) => weights[name], random);
    const quality = drawQuality(mix, random);
    yield { ...drawers[task](quality, random, habits[task]?.[quality]), task, quality };
  }
}

type Drawer = (quality: Quality, random: Random, habits: Habits | undefined) => Pick<CorpusSample, 'prompt' | 'completion'>;

const drawers: Readonly<Record<CorpusTask, Drawer>> = {
  countdown: drawerOf(workedTasks.countdown),
  sort: drawerOf(workedTasks.sort),
  maze: drawerOf(workedTasks.maze),
};

function drawerOf<Row>(worked: WorkedTask<Row>): Drawer {
  return (quality, random, habits) => {
    const row = worked.drawRow(random);
    const prompt = worked.task.prompt(row);
    if (worked.isHeldOut(row)) {
      throw new R5Error(`The task ${worked.task.name} drew a held-out problem to train on, ${JSON.stringify(prompt)}: fix its drawRow.`);
    }
    return { prompt, completion: worked.trace(row, quality, random, habits) };
  };
}
