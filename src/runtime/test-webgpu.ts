/**
 * Run by webgpu.test.ts in a process of its own. Runs one graph on each device and prints a line of JSON: by device, what came out for
 * two sizes and an update in place.
 */
import { Runtime } from './runtime.ts';
import { testModel } from './test-model.ts';

const WIDTH = 16;
const MODEL = testModel({
  nodes: [
    ['MatMul', ['x', 'w'], ['product']],
    ['Softmax', ['product'], ['shares']],
    ['Add', ['shares', 'x'], ['y']],
    ['ReduceSum', ['y'], ['total']],
  ],
  inputs: { x: ['float32', 'rows', WIDTH], w: ['float32', WIDTH, WIDTH] },
  outputs: { y: ['float32', 'rows', WIDTH], total: ['float32', 1, 1] },
});

const results: Record<string, number[]> = {};
for (const device of ['cpu', 'webgpu'] as const) {
  const runtime = Runtime.open({ device, threads: 2 });
  const session = runtime.session(MODEL, { name: device });
  const [x, y] = [runtime.allocate('float32', [8, WIDTH]), runtime.allocate('float32', [8, WIDTH])];
  const [w, total] = [runtime.allocate('float32', [WIDTH, WIDTH]), runtime.allocate('float32', [1, 1])];
  x.data.forEach((_, index) => (x.data[index] = Math.sin(index)));
  w.data.forEach((_, index) => (w.data[index] = Math.cos(index * 0.7)));
  const numbers: number[] = [];
  for (const [rows, out] of [[8, y], [3, y], [5, x], [5, x]] as const) {
    const weights = w.value([WIDTH, WIDTH]);
    const run = session.bind({ x: x.value([rows, WIDTH]), w: weights }, { y: out.value([rows, WIDTH]), total: total.value([1, 1]) });
    await run.run();
    numbers.push(...out.data, ...total.data);
  }
  results[device] = numbers;
  runtime.release();
}
console.log(JSON.stringify(results));
