/** Events as a run logs them, with made-up figures. */
import type { EvaluationReport, RunPlan, StepReport } from './progress-state.ts';

export const plan: RunPlan = { task: 'countdown', model: 'r5-tiny', run: '2026-01-02-countdown-abc123', totalSteps: 10, finalRows: 512 };

export function stepEvent(step: number, change: Partial<Extract<StepReport, { type: 'step' }>> = {}): StepReport {
  return {
    type: 'step', step, reward: step / 10, parsedShare: 1, truncatedShare: 0, flatShare: 0, meanLength: 50 + step, loss: 0, gradientNorm: 1, kl: 3.2e-9,
    ratioLargestDifference: 1e-6, learningRate: 1e-3, sampleTokensPerSecond: 21403.7, trainTokensPerSecond: 3899.6, seconds: 2, ...change,
  };
}

export function evaluationEvent(step: number, accuracy: number): EvaluationReport {
  return { type: 'evaluation', step, n: 512, accuracy, interval: [accuracy - 0.04, accuracy + 0.04], meanLength: 50, seconds: 4 };
}

export function supervisedEvent(step: number, loss: number): StepReport {
  return { type: 'supervised-step', step, loss, gradientNorm: 1, learningRate: 1e-3, trainTokensPerSecond: 4000, seconds: 1 };
}
