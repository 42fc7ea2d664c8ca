/** What a step and an evaluation look like in the run's log. */
import { createRequire } from 'node:module';
import { z } from 'zod';
import { countReasons } from '../rl/lost-rollouts.ts';
import type { GrpoStep } from '../rl/grpo.ts';
import type { NewEvent } from '../run/event.ts';
import type { Evaluation } from './evaluate.ts';

/** `more`: metrics besides the step's own. */
export function stepEvent(step: GrpoStep, more: Readonly<Record<string, number>> = {}): NewEvent {
  return {
    type: 'step',
    step: step.step,
    reward: step.reward,
    rewardParts: step.rewardParts,
    accuracy: step.accuracy,
    parsedShare: step.parsedShare,
    truncatedShare: step.truncatedShare,
    flatShare: step.flatShare,
    meanLength: step.meanLength,
    loss: step.loss,
    gradientNorm: step.gradientNorm,
    kl: step.kl,
    ratioLargestDifference: Math.expm1(step.largestDifference),
    learningRate: step.learningRate,
    sampleTokensPerSecond: step.sampledTokens / step.sampleSeconds,
    trainTokensPerSecond: step.trainedTokens / step.trainSeconds,
    seconds: step.seconds,
    ...(step.lost.length === 0 ? {} : { lost: countReasons(step.lost) }),
    metrics: {
      logprobLargestDifference: step.largestDifference,
      ...(step.referenceKl === undefined ? {} : { referenceKl: step.referenceKl }),
      ...staleMetrics(step),
      ...more,
    },
  };
}

/** Of steps whose rollouts were drawn from older weights, or were begun beyond need. */
function staleMetrics({ meanStaleness, largestStaleness, meanRatio, clippedShare, abandoned, waitSeconds }: GrpoStep): Record<string, number> {
  if (largestStaleness === 0 && abandoned === 0) return {};
  return { meanStaleness, largestStaleness, meanRatio, clippedShare, abandoned, waitSeconds };
}

export function evaluationEvent(step: number, evaluation: Evaluation): NewEvent {
  const { n, accuracy, interval, meanLength, seconds, parsedShare, truncatedShare, lost } = evaluation;
  const metrics = { parsedShare, truncatedShare, ...(lost.length === 0 ? {} : { lost: lost.length }) };
  return { type: 'evaluation', step, n, accuracy, interval, meanLength, seconds, metrics };
}

const packageSchema = z.object({ version: z.string() });

/** Versions that a run was made with. */
export function versions(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const versionOf = (path: string) => packageSchema.parse(require(path)).version;
  return { r5: versionOf('../../package.json'), node: process.version, onnxruntime: versionOf('onnxruntime-node/package.json') };
}
