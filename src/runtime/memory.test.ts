import { afterAll, beforeAll, expect, test } from 'vitest';
import { Runtime } from './runtime.ts';
import { testModel } from './test-model.ts';

const WIDTH = 128;
const MODEL = testModel({
  nodes: [['MatMul', ['x', 'w'], ['product']], ['Add', ['product', 'x'], ['y']]],
  inputs: { x: ['float32', 'rows', WIDTH], w: ['float32', WIDTH, WIDTH] },
  outputs: { y: ['float32', 'rows', WIDTH] },
});

let runtime: Runtime;
beforeAll(() => {
  runtime = Runtime.open({ threads: 1 });
});
afterAll(() => runtime.release());

/** Bytes by which the process grew over `repeats` calls, after as many as `warmUp`. */
async function growth(warmUp: number, repeats: number, step: (index: number) => Promise<void> | void): Promise<number> {
  const repeat = async (count: number) => {
    for (let index = 0; index < count; index += 1) {
      await step(index);
      // What V8 has collected is finalized between turns of the event loop.
      if (index % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await repeat(warmUp);
  const before = process.memoryUsage().rss;
  await repeat(repeats);
  return process.memoryUsage().rss - before;
}

test('10,000 runs, each with buffers and a binding of its own, take no more memory than 1,000', { timeout: 120_000 }, async () => {
  const session = runtime.session(MODEL);
  const bytes = await growth(1_000, 10_000, async (index) => {
    const rows = 1 + (index % 16);
    const [x, y] = [runtime.allocate('float32', [16, WIDTH]), runtime.allocate('float32', [16, WIDTH])];
    const w = runtime.allocate('float32', [WIDTH, WIDTH]);
    const run = session.bind({ x: x.value([rows, WIDTH]), w: w.value([WIDTH, WIDTH]) }, { y: y.value([rows, WIDTH]) });
    if (index % 4 === 0) await run.run();
    else run.runSync();
    for (const part of [run, x, w, y]) part.release();
  });
  // Buffers that stayed would be 800 MB.
  expect(bytes).toBeLessThan(16e6);
});

test('300 sessions, made, run and released, take no more memory than 50', { timeout: 120_000 }, async () => {
  const [x, y] = [runtime.allocate('float32', [1, WIDTH]), runtime.allocate('float32', [1, WIDTH])];
  const w = runtime.allocate('float32', [WIDTH, WIDTH]);
  const bytes = await growth(50, 300, (index) => {
    const session = runtime.session(MODEL, { name: `session ${index}`, ...(index % 10 === 0 ? { threads: 2 } : {}) });
    session.bind({ x: x.value([1, WIDTH]), w: w.value([WIDTH, WIDTH]) }, { y: y.value([1, WIDTH]) }).runSync();
    session.release();
  });
  expect(bytes).toBeLessThan(16e6);
});

test('small native things, hundreds of thousands of each, leave nothing behind', { timeout: 120_000 }, async () => {
  const session = runtime.session(MODEL);
  const [x, w] = [runtime.allocate('float32', [1, WIDTH]), runtime.allocate('float32', [WIDTH, WIDTH])];
  const row = x.value([1, WIDTH]);
  const bindings = await growth(20_000, 300_000, () => {
    session.bind({ x: row, w: w.value([WIDTH, WIDTH]) }, { y: row }).release();
  });
  expect(bindings).toBeLessThan(16e6);
  const tensors = await growth(2_000, 20_000, () => {
    const storage = runtime.allocate('float32', [20]);
    for (let size = 1; size <= 20; size += 1) storage.value([size]);
    storage.release();
  });
  expect(tensors).toBeLessThan(16e6);
});

test('failures, a thousand of each kind, leave nothing behind', { timeout: 120_000 }, async () => {
  const session = runtime.session(MODEL);
  const x = runtime.allocate('float32', [1, WIDTH]);
  const garbage = new Uint8Array(100).fill(7);
  const bytes = await growth(200, 1_000, () => {
    expect(() => runtime.session(garbage)).toThrow('protobuf');
    expect(() => session.bind({ x: x.value([1, WIDTH]) }, {})).toThrow('needs its input "w"');
  });
  expect(bytes).toBeLessThan(16e6);
});
