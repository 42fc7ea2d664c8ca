import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { R5Error } from '../error.ts';
import { Runtime } from './runtime.ts';
import { RuntimeError } from './runtime-error.ts';
import { testModel } from './test-model.ts';

/** c = a b */
const PRODUCT = testModel({
  nodes: [['MatMul', ['a', 'b'], ['c']]],
  inputs: { a: ['float32', 'rows', 3], b: ['float32', 3, 2] },
  outputs: { c: ['float32', 'rows', 2] },
});
/** sum = a + b */
const SUM = testModel({
  nodes: [['Add', ['a', 'b'], ['sum']]],
  inputs: { a: ['float32', 'n'], b: ['float32', 'n'] },
  outputs: { sum: ['float32', 'n'] },
});

let runtime: Runtime;
beforeEach(() => {
  runtime = Runtime.open({ threads: 2 });
});
afterEach(() => runtime.release());

/** Tensors for PRODUCT with two rows in `a`; the right product is [4, 5, 10, 11]. */
function productTensors() {
  const [a, b, c] = [runtime.allocate('float32', [4, 3]), runtime.allocate('float32', [3, 2]), runtime.allocate('float32', [4, 2])];
  a.data.set([1, 2, 3, 4, 5, 6]);
  b.data.set([1, 0, 0, 1, 1, 1]);
  return { a, b, c };
}

describe('a run', () => {
  test('computes what the graph says, off the main thread and on it', async () => {
    const session = runtime.session(PRODUCT, { name: 'product' });
    expect([session.inputNames, session.outputNames]).toEqual([['a', 'b'], ['c']]);
    const { a, b, c } = productTensors();
    const run = session.bind({ a: a.value([2, 3]), b: b.value([3, 2]) }, { c: c.value([2, 2]) });
    await run.run();
    expect([...c.data]).toEqual([4, 5, 10, 11, 0, 0, 0, 0]);
    a.data[0] = 2;
    run.runSync();
    expect([...c.data.subarray(0, 4)]).toEqual([5, 5, 10, 11]);
  });

  test('takes another size of a symbol in the same session', async () => {
    const session = runtime.session(PRODUCT);
    const { a, b, c } = productTensors();
    a.data.set([0, 0, 7, 1, 1, 1], 6);
    for (const rows of [1, 4, 2]) {
      c.data.fill(-1);
      const run = session.bind({ a: a.value([rows, 3]), b: b.value([3, 2]) }, { c: c.value([rows, 2]) });
      await run.run();
      expect([...c.data]).toEqual([4, 5, 10, 11, 7, 7, 2, 2].map((value, index) => (index < rows * 2 ? value : -1)));
    }
  });

  test('updates memory in place that is bound as input and output', async () => {
    const [total, step] = [runtime.allocate('float32', [1000]), runtime.allocate('float32', [1000])];
    step.data.forEach((_, index) => (step.data[index] = index));
    const run = runtime.session(SUM).bind({ a: total.value([1000]), b: step.value([1000]) }, { sum: total.value([1000]) });
    for (let repeat = 0; repeat < 10; repeat += 1) await run.run();
    expect([...total.data]).toEqual(Array.from({ length: 1000 }, (_, index) => index * 10));
  });

  test('leaves the event loop alive', async () => {
    const size = 512;
    const model = testModel({
      nodes: Array.from({ length: 40 }, (_, layer) => ['MatMul', [`x${layer}`, 'x0'], [`x${layer + 1}`]] as const),
      inputs: { x0: ['float32', size, size] },
      outputs: { x40: ['float32', size, size] },
    });
    const [x, y] = [runtime.allocate('float32', [size, size]), runtime.allocate('float32', [size, size])];
    const run = runtime.session(model).bind({ x0: x.value([size, size]) }, { x40: y.value([size, size]) });
    const order: string[] = [];
    const timer = new Promise<void>((resolve) => setTimeout(() => resolve(void order.push('timer')), 1));
    await Promise.all([timer, run.run().then(() => order.push('run'))]);
    expect(order).toEqual(['timer', 'run']);
  });

  test('may go on at the same time as one of another session', async () => {
    const { a, b, c } = productTensors();
    const second = runtime.allocate('float32', [2, 2]);
    const runs = [c, second].map((out) =>
      runtime.session(PRODUCT).bind({ a: a.value([2, 3]), b: b.value([3, 2]) }, { c: out.value([2, 2]) }),
    );
    await Promise.all(runs.map((run) => run.run()));
    expect([...second.data]).toEqual([4, 5, 10, 11]);
    expect([...c.data.subarray(0, 4)]).toEqual([4, 5, 10, 11]);
  });

  test('works with a number of threads of its own', async () => {
    const { a, b, c } = productTensors();
    await runtime.session(PRODUCT, { threads: 1 }).bind({ a: a.value([2, 3]), b: b.value([3, 2]) }, { c: c.value([2, 2]) }).run();
    expect([...c.data.subarray(0, 4)]).toEqual([4, 5, 10, 11]);
  });

  test('that is under way refuses to start again', async () => {
    const { a, b, c } = productTensors();
    const run = runtime.session(PRODUCT, { name: 'product' }).bind({ a: a.value([2, 3]), b: b.value([3, 2]) }, { c: c.value([2, 2]) });
    const first = run.run();
    await expect(run.run()).rejects.toThrow('a run of session "product" is still under way');
    await first;
    await run.run();
  });

  test('that ONNX Runtime refuses carries the name of the session and the reason', async () => {
    const reshape = testModel({
      nodes: [['Reshape', ['data', 'shape'], ['reshaped']]],
      inputs: { data: ['float32', 4], shape: ['int64', 1] },
      outputs: { reshaped: ['float32', 'n'] },
    });
    const [data, shape, reshaped] = [runtime.allocate('float32', [4]), runtime.allocate('int64', [1]), runtime.allocate('float32', [5])];
    shape.data[0] = 5n;
    const run = runtime
      .session(reshape, { name: 'reshape' })
      .bind({ data: data.value([4]), shape: shape.value([1]) }, { reshaped: reshaped.value([5]) });
    await expect(run.run()).rejects.toThrow(RuntimeError);
    expect(() => run.runSync()).toThrow(/^session "reshape" failed: .*Reshape/s);
    shape.data[0] = 4n;
    // The graph gives four elements now, and the tensor that was bound has five.
    await expect(run.run()).rejects.toThrow(/session "reshape" failed/);
  });
});

describe('binding', () => {
  test('names what is missing, unknown, of another type or size', () => {
    const session = runtime.session(PRODUCT, { name: 'product' });
    const { a, b, c } = productTensors();
    const inputs = { a: a.value([2, 3]), b: b.value([3, 2]) };
    const outputs = { c: c.value([2, 2]) };
    expect(() => session.bind({ a: inputs.a }, outputs)).toThrow('session "product" needs its input "b", and none was given');
    expect(() => session.bind(inputs, {})).toThrow('session "product" needs its output "c", and none was given');
    expect(() => session.bind({ ...inputs, weights: inputs.b }, outputs)).toThrow('has no input "weights"; its inputs are a, b');
    expect(() => session.bind({ ...inputs, b: b.value([2, 3]) }, outputs)).toThrow(
      'input "b" of session "product" is float32 [3, 2], and float32 [2, 3] was given',
    );
    const double = runtime.allocate('float64', [3, 2]).value([3, 2]);
    expect(() => session.bind({ ...inputs, b: double }, outputs)).toThrow('and float64 [3, 2] was given');
    expect(() => session.bind({ ...inputs, a: a.value([6]) }, outputs)).toThrow('input "a" of session "product" is float32 [rows, 3]');
    expect(() => session.bind(inputs, { c: c.value([4, 2]) })).toThrow('float32 [4, 2] was given, but rows is 2 in "a"');
  });
});

describe('what was released', () => {
  test('cannot be used any more, and says so', async () => {
    const session = runtime.session(PRODUCT, { name: 'product' });
    const { a, b, c } = productTensors();
    const inputs = { a: a.value([2, 3]), b: b.value([3, 2]) };
    const outputs = { c: c.value([2, 2]) };
    const run = session.bind(inputs, outputs);

    const other = session.bind(inputs, outputs);
    other.release();
    await expect(other.run()).rejects.toThrow('a run of session "product" was released');
    c.release();
    c.release();
    await expect(run.run()).rejects.toThrow('a run of session "product" is bound to the float32 buffer [4, 2], which was released');
    expect(() => c.data).toThrow('the float32 buffer [4, 2] was released');
    expect(() => session.bind(inputs, outputs)).toThrow('the float32 buffer [4, 2] was released');
    session.release();
    expect(() => run.runSync()).toThrow('a run of session "product" was released');
    expect(() => session.bind(inputs, outputs)).toThrow('session "product" was released');
    runtime.release();
    expect(() => a.value([1])).toThrow('was released');
    expect(() => runtime.allocate('float32', [1])).toThrow('the runtime was released');
    expect(() => runtime.session(PRODUCT)).toThrow('the runtime was released');
  });

  test('leaves no array that still looks at the memory', () => {
    const storage = runtime.allocate('float32', [4]);
    const { data } = storage;
    storage.release();
    expect(data.length).toBe(0);
  });

  test('stays until the run that uses it has ended', async () => {
    const { a, b, c } = productTensors();
    const run = runtime.session(PRODUCT).bind({ a: a.value([2, 3]), b: b.value([3, 2]) }, { c: c.value([2, 2]) });
    const ended = run.run();
    runtime.release();
    await ended;
    await expect(run.run()).rejects.toThrow('was released');
  });

  test('does not keep a runtime from being opened again', async () => {
    runtime.release();
    runtime = Runtime.open();
    const { a, b, c } = productTensors();
    await runtime.session(PRODUCT).bind({ a: a.value([2, 3]), b: b.value([3, 2]) }, { c: c.value([2, 2]) }).run();
    expect(c.data[3]).toBe(11);
  });
});

describe('what cannot be opened or compiled', () => {
  test('is refused by name', () => {
    // @ts-expect-error: a device that there is not
    expect(() => Runtime.open({ device: 'gpu' })).toThrow(new R5Error('unknown device "gpu"; the devices are cpu and webgpu'));
    for (const threads of [0, -1, 1.5, Number.NaN]) expect(() => Runtime.open({ threads })).toThrow(`of 1 or more, not ${threads}`);
    expect(() => runtime.session(PRODUCT, { threads: 0 })).toThrow('of 1 or more, not 0');
    for (const garbage of [new Uint8Array(0), new Uint8Array(100).fill(7), PRODUCT.subarray(0, PRODUCT.length - 9)]) {
      expect(() => runtime.session(garbage, { name: 'decode' })).toThrow(/^could not compile session "decode": ./);
    }
    const unknown = testModel({ nodes: [['Frobnicate', ['a'], ['b']]], inputs: { a: ['float32', 1] }, outputs: { b: ['float32', 1] } });
    expect(() => runtime.session(unknown, { name: 'odd' })).toThrow(/could not compile session "odd": .*Frobnicate/s);
  });

  test('does not disturb what comes after', () => {
    expect(() => runtime.session(new Uint8Array(3))).toThrow(RuntimeError);
    // A model that is a window on a larger array.
    const padded = new Uint8Array(PRODUCT.length + 16);
    padded.set(PRODUCT, 8);
    expect(runtime.session(padded.subarray(8, 8 + PRODUCT.length)).inputNames).toEqual(['a', 'b']);
  });
});
