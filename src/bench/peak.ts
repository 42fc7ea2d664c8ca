/** The machine's peak for matrix products, through the same runtime that training and decoding use. */
import { compile, gemm, input } from '../tensor/index.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Rows, inner and columns of the products that are tried: what layers of small and large models are made of. */
const PRODUCTS: readonly (readonly [number, number, number])[] = [
  [2048, 256, 256], [2048, 384, 384], [2048, 384, 1024], [2048, 768, 768], [2048, 768, 2048], [1024, 1024, 1024], [2048, 2048, 2048], [4096, 768, 768],
];

export interface PeakMeasurement {
  /** Best of all products, in 10^9 floating-point operations a second (a multiply-add is two). */
  gflops: number;
  /** The product that reached it: rows, inner, columns. */
  product: readonly number[];
}

/** Runs every product for at least `secondsEach` and returns the best single run. */
export function measurePeak(runtime: Runtime, secondsEach = 0.4): PeakMeasurement {
  let best: PeakMeasurement = { gflops: 0, product: [] };
  for (const [rows, inner, columns] of PRODUCTS) {
    const graph = compile({ out: gemm(input('a', 'float32', [rows, inner]), input('b', 'float32', [inner, columns])) });
    const session = runtime.session(graph.model, { name: 'peak' });
    const a = runtime.allocate('float32', [rows, inner]);
    const b = runtime.allocate('float32', [inner, columns]);
    const out = runtime.allocate('float32', [rows, columns]);
    // Zeros and denormal numbers run at other speeds than ordinary ones.
    a.data.forEach((_, i) => (a.data[i] = ((i * 7919) % 1000) / 1000 - 0.5));
    b.data.forEach((_, i) => (b.data[i] = ((i * 104729) % 1000) / 1000 - 0.5));
    const run = session.bind({ a: a.value([rows, inner]), b: b.value([inner, columns]) }, { out: out.value([rows, columns]) });
    const end = performance.now() + secondsEach * 1000;
    while (performance.now() < end) {
      const start = performance.now();
      run.runSync();
      const gflops = (2 * rows * inner * columns) / ((performance.now() - start) * 1e6);
      if (gflops > best.gflops) best = { gflops, product: [rows, inner, columns] };
    }
    for (const part of [run, session, a, b, out]) part.release();
  }
  return best;
}
