import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Runtime } from './runtime.ts';
import { testModel } from './test-model.ts';

const MINUTES_MS = 60_000;
const MEGABYTE = 1e6;
const WIDTH = 128;
const MODEL = testModel({
  nodes: [['MatMul', ['x', 'w'], ['product']], ['Add', ['product', 'x'], ['y']]],
  inputs: { x: ['float32', 'rows', WIDTH], w: ['float32', WIDTH, WIDTH] },
  outputs: { y: ['float32', 'rows', WIDTH] },
});

let runtime: Runtime;
beforeAll(() => {
  setFlagsFromString('--expose-gc');
  runtime = Runtime.open({ threads: 1 });
});
afterAll(() => runtime.release());

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Bytes that the process holds when what JavaScript left behind has been collected; that is finalized between turns of the event loop. */
async function residentBytes(): Promise<number> {
  for (let round = 0; round < 3; round += 1) {
    runInNewContext('gc()');
    await turn();
  }
  return process.memoryUsage().rss;
}

async function repeat(count: number, step: (index: number) => Promise<void> | void): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await step(index);
    if (index % 100 === 0) await turn();
  }
}

/** Megabytes by which the process grew over `count` steps, after as many as `warmUp`. */
async function growth(warmUp: number, count: number, step: (index: number) => Promise<void> | void): Promise<number> {
  await repeat(warmUp, step);
  const before = await residentBytes();
  await repeat(count, step);
  return ((await residentBytes()) - before) / MEGABYTE;
}

test('10,000 runs, each with buffers and a binding of its own, leave nothing behind', { timeout: 5 * MINUTES_MS }, async () => {
  const session = runtime.session(MODEL);
  const megabytes = await growth(2_000, 10_000, async (index) => {
    const rows = 1 + (index % 16);
    const [x, y] = [runtime.allocate('float32', [16, WIDTH]), runtime.allocate('float32', [16, WIDTH])];
    const w = runtime.allocate('float32', [WIDTH, WIDTH]);
    const run = session.bind({ x: x.value([rows, WIDTH]), w: w.value([WIDTH, WIDTH]) }, { y: y.value([rows, WIDTH]) });
    if (index % 4 === 0) await run.run();
    else run.runSync();
    for (const part of [run, x, w, y]) part.release();
  });
  // Buffers that stayed would be 800 MB; the test runner by itself grows by up to 40.
  expect(megabytes).toBeLessThan(80);
});

test('300 sessions of a hundred nodes, made, run and released, leave nothing behind', { timeout: 5 * MINUTES_MS }, async () => {
  const model = testModel({
    nodes: Array.from({ length: 100 }, (_, layer) => ['Tanh', [`x${layer}`], [`x${layer + 1}`]] as const),
    inputs: { x0: ['float32', 'n'] },
    outputs: { x100: ['float32', 'n'] },
  });
  const [x, y] = [runtime.allocate('float32', [8]), runtime.allocate('float32', [8])];
  const megabytes = await growth(50, 300, (index) => {
    const session = runtime.session(model, { name: `session ${index}`, ...(index % 10 === 0 ? { threads: 2 } : {}) });
    session.bind({ x0: x.value([8]) }, { x100: y.value([8]) }).runSync();
    session.release();
  });
  // Sessions that stayed would be 75 MB.
  expect(megabytes).toBeLessThan(30);
});

test('20,000 buffers with 20 tensors each leave nothing behind', { timeout: 5 * MINUTES_MS }, async () => {
  const megabytes = await growth(2_000, 20_000, () => {
    const storage = runtime.allocate('float32', [20]);
    for (let size = 1; size <= 20; size += 1) storage.value([size]);
    storage.release();
  });
  // Native tensors that stayed would be 90 MB.
  expect(megabytes).toBeLessThan(40);
});

test('failures, a thousand of each kind, leave nothing behind', { timeout: 5 * MINUTES_MS }, async () => {
  const session = runtime.session(MODEL);
  const x = runtime.allocate('float32', [1, WIDTH]);
  const garbage = new Uint8Array(100).fill(7);
  const megabytes = await growth(200, 1_000, () => {
    expect(() => runtime.session(garbage)).toThrow('protobuf');
    expect(() => session.bind({ x: x.value([1, WIDTH]) }, {})).toThrow('needs its input "w"');
  });
  expect(megabytes).toBeLessThan(40);
});
