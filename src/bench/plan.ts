/** What a training step will take, before it is run: memory from the model's shape, time from its arithmetic and this machine's speed. */
import { planArithmetic, planMemory, type MemoryPlan, type StepShape } from '../engine/local/memory.ts';
import { Runtime } from '../runtime/runtime.ts';
import { measurePeak } from './peak.ts';
import type { WeightFormat } from '../model/weight-format.ts';

/**
 * Share of the float32 matrix-product peak that each part reaches at the shapes of a model of half a billion parameters; kernels of 8 and 4
 * bits do more than one float32 operation in the time of one. Measured with bench/half-billion.ts.
 */
const EFFICIENCY: Readonly<Record<WeightFormat, { sampling: number; training: number }>> = {
  f32: { sampling: 0.52, training: 0.75 },
  f16: { sampling: 0.2, training: 0.6 },
  int8: { sampling: 0.7, training: 0.85 },
  int4: { sampling: 0.6, training: 0.8 },
};

export interface StepPlan {
  memory: MemoryPlan;
  peakGflops: number;
  samplingSeconds: number;
  trainingSeconds: number;
}

/** Measures the machine for about three seconds. */
export function planStep(shape: StepShape, threads?: number): StepPlan {
  const runtime = Runtime.open(threads === undefined ? {} : { threads });
  try {
    const { gflops } = measurePeak(runtime);
    const memory = planMemory(shape);
    const { sampling, training } = planArithmetic(shape, memory.recompute);
    const share = EFFICIENCY[shape.lora ? shape.weights : 'f32'];
    const seconds = (operations: number, efficiency: number) => operations / (gflops * 1e9 * efficiency);
    return { memory, peakGflops: gflops, samplingSeconds: seconds(sampling, share.sampling), trainingSeconds: seconds(training, share.training) };
  } finally {
    runtime.release();
  }
}
