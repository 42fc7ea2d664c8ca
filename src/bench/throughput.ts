/** Training and decoding throughput of models with random weights, as shares of the matrix-product peak. */
import { LocalEngine } from '../engine/local/local-engine.ts';
import { R5Error } from '../error.ts';
import { Random } from '../random.ts';
import { crossEntropy } from '../rl/losses.ts';
import { Runtime } from '../runtime/runtime.ts';
import { benchConfig, BENCH_SHAPES } from './models.ts';
import { measurePeak, type PeakMeasurement } from './peak.ts';

export interface TrainMeasurement {
  parameters: number;
  /** Sequences and tokens a sequence of one forward-backward. */
  batch: number;
  length: number;
  /** Forward-backward passes before each optimizer step. */
  accumulation: number;
  tokensPerSecond: number;
  /** 6 x parameters x tokens a second, over the peak. */
  share: number;
}

export interface DecodeMeasurement {
  parameters: number;
  batch: number;
  tokensPerSecond: number;
  /** 2 x parameters x tokens a second, over the peak. */
  share: number;
}

export interface BenchReport {
  threads: number;
  peakGflops: number;
  peak: PeakMeasurement;
  train: TrainMeasurement[];
  decode: DecodeMeasurement[];
  /** Largest resident memory of the process. */
  memoryMb: number;
}

export interface BenchOptions {
  /** Labels of the shapes to measure; default all: 1M, 10M, 100M. */
  sizes?: readonly string[];
  threads?: number;
  onProgress?: (line: string) => void;
}

const LENGTH = 128;
const BATCH = 16;
const DECODE_BATCHES = [1, 16, 64] as const;
const DECODE_TOKENS = 112;

/** Measures the peak, then each size, one after the other. Takes a few minutes. */
export async function runBench(options: BenchOptions = {}): Promise<BenchReport> {
  const { sizes = BENCH_SHAPES.map(({ label }) => label), onProgress } = options;
  const unknown = sizes.find((size) => !BENCH_SHAPES.some(({ label }) => label === size));
  if (unknown !== undefined) throw new R5Error(`There is no bench size '${unknown}'; the sizes are ${BENCH_SHAPES.map(({ label }) => label).join(', ')}.`);
  const runtimeOptions = options.threads === undefined ? {} : { threads: options.threads };
  const runtime = Runtime.open(runtimeOptions);
  const peak = measurePeak(runtime);
  const { threads } = runtime;
  onProgress?.(`peak ${peak.gflops.toFixed(0)} GFLOP/s (${peak.product.join(' x ')})`);
  const report: BenchReport = { threads, peakGflops: peak.gflops, peak, train: [], decode: [], memoryMb: 0 };
  for (const shape of BENCH_SHAPES.filter(({ label }) => sizes.includes(label))) {
    const engine = LocalEngine.create(benchConfig(shape, 512), { ...runtimeOptions, decodeRows: 64 });
    const trained = await measureTraining(engine, peak.gflops);
    report.train.push(trained);
    onProgress?.(`${shape.label}: training ${trained.tokensPerSecond.toFixed(0)} tokens/s, ${(100 * trained.share).toFixed(0)} % of the peak`);
    for (const batch of DECODE_BATCHES) {
      const decoded = await measureDecoding(engine, batch, peak.gflops);
      report.decode.push(decoded);
      onProgress?.(`${shape.label}: decoding at batch ${batch}: ${decoded.tokensPerSecond.toFixed(0)} tokens/s, ${(100 * decoded.share).toFixed(0)} % of the peak`);
    }
    await engine.release();
  }
  runtime.release();
  report.memoryMb = process.resourceUsage().maxRSS / 1024;
  return report;
}

/** Whole steps: forward-backward over some rectangles, then the optimizer. Median of several after warming up. */
async function measureTraining(engine: LocalEngine, peakGflops: number): Promise<TrainMeasurement> {
  const parameters = engine.parameterCount;
  const accumulation = 4;
  const random = new Random(1);
  const batch = Array.from({ length: BATCH * accumulation }, () => ({
    tokens: Array.from({ length: LENGTH + 1 }, () => random.integer(1, engine.vocabularySize - 1)),
    inputs: { weights: new Float32Array(LENGTH).fill(1 / (BATCH * LENGTH * accumulation)) },
  }));
  const step = async (): Promise<void> => {
    await engine.forwardBackward(batch, crossEntropy);
    await engine.optimStep({ learningRate: 1e-5 });
  };
  const seconds = await medianSeconds(step);
  const tokensPerSecond = (batch.length * LENGTH) / seconds;
  const share = (6 * parameters * tokensPerSecond) / (peakGflops * 1e9);
  return { parameters, batch: BATCH, length: LENGTH, accumulation, tokensPerSecond, share };
}

async function measureDecoding(engine: LocalEngine, batch: number, peakGflops: number): Promise<DecodeMeasurement> {
  const parameters = engine.parameterCount;
  const random = new Random(2);
  const requests = Array.from({ length: batch }, () => ({
    // One token, so that what is measured is decoding and no reading of prompts.
    prompt: [random.integer(1, engine.vocabularySize - 1)],
  }));
  const seconds = await medianSeconds(async () => {
    await engine.sample(requests, { maxTokens: DECODE_TOKENS, stopTokens: [] });
  });
  const tokensPerSecond = (batch * DECODE_TOKENS) / seconds;
  return { parameters, batch, tokensPerSecond, share: (2 * parameters * tokensPerSecond) / (peakGflops * 1e9) };
}

/** Median time of at least 3 and at most 9 runs after one warm-up, within about 6 seconds. */
async function medianSeconds(run: () => Promise<void>): Promise<number> {
  await run();
  const times: number[] = [];
  const end = performance.now() + 6000;
  while (times.length < 3 || (times.length < 9 && performance.now() < end)) {
    const start = performance.now();
    await run();
    times.push((performance.now() - start) / 1000);
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? NaN;
}
