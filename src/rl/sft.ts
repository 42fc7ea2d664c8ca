/**
 * Supervised fine-tuning: the model learns to write given completions. Per step: take the next examples, weigh each completion token
 * equally (prompt tokens not at all), one forward-backward, one optimizer step.
 */
import { R5Error } from '../error.ts';
import { learningRateAt, type LearningRateSchedule } from './schedule.ts';
import { crossEntropy } from './losses.ts';
import type { Datum, Engine, OptimParams } from '../engine/engine.ts';

/** Token ids of one example; the completion includes the token that ends it. */
export interface SftExample {
  prompt: readonly number[];
  completion: readonly number[];
  /** Weight of each token of the completion, 0 for those that are not to be learned: for conversations of several turns. Default: 1 for all. */
  mask?: Uint8Array | Float32Array;
}

export interface SftOptions {
  schedule: LearningRateSchedule;
  optimizer?: Omit<OptimParams, 'learningRate'>;
  /** Examples of a step, drawn by the caller. */
  nextBatch: (step: number) => readonly SftExample[];
  /** First step; more than 1 when a run is resumed. */
  firstStep?: number;
  onStep?: (report: SftStep) => void | Promise<void>;
  /** Ends the loop after the step that is under way. */
  signal?: AbortSignal;
}

export interface SftStep {
  step: number;
  /** Mean negative log-probability of a completion token, in nats, before the step's update. */
  loss: number;
  tokens: number;
  gradientNorm: number;
  learningRate: number;
  seconds: number;
}

export async function fineTune(engine: Engine, options: SftOptions): Promise<void> {
  const { schedule, optimizer, nextBatch, firstStep = 1, onStep, signal } = options;
  for (let step = firstStep; step <= schedule.totalSteps && !signal?.aborted; step++) {
    const start = performance.now();
    const examples = nextBatch(step);
    if (examples.length === 0) throw new R5Error(`Step ${step} of fine-tuning has no examples; the data set is empty.`);
    const tokens = examples.reduce((total, example) => total + learnedTokens(example), 0);
    const batch = examples.map((example) => sftDatum(example, 1 / tokens));
    const { loss } = await engine.forwardBackward(batch, crossEntropy);
    if (!Number.isFinite(loss)) throw new R5Error(`The loss of step ${step} is ${loss}; lower the learning rate (${schedule.learningRate}).`);
    const learningRate = learningRateAt(schedule, step);
    const { gradientNorm } = await engine.optimStep({ ...optimizer, learningRate });
    await onStep?.({ step, loss, tokens, gradientNorm, learningRate, seconds: (performance.now() - start) / 1000 });
  }
}

const learnedTokens = ({ completion, mask }: SftExample): number => mask ? [...mask].reduce((total, weight) => total + weight, 0) : completion.length;

/** The example as one sequence whose learned tokens have the given weight, each times its own. */
export function sftDatum({ prompt, completion, mask }: SftExample, weight: number): Datum {
  const tokens = [...prompt, ...completion];
  // Entry i speaks of token i + 1, so the first completion token is entry prompt.length - 1.
  const weights = new Float32Array(tokens.length - 1).fill(weight, prompt.length - 1);
  if (mask) for (const [i, share] of mask.entries()) weights[prompt.length - 1 + i] = weight * share;
  return { tokens, inputs: { weights } };
}
