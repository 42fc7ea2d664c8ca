import koffi from 'koffi';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BYTES, type DType } from '../tensor/dtype.ts';
import { Runtime } from './runtime.ts';
import { testModel } from './test-model.ts';

let runtime: Runtime;
beforeAll(() => {
  runtime = Runtime.open({ threads: 1 });
});
afterAll(() => runtime.release());

const DTYPES: DType[] = ['float32', 'float64', 'float16', 'int32', 'int64', 'uint8', 'bool'];

describe('a storage', () => {
  test.each(DTYPES)('of %s is zeroed, aligned to 64 bytes, and shows what graphs read and write', async (dtype) => {
    const shape = [5, 3];
    const model = testModel({ nodes: [['Identity', ['a'], ['b']]], inputs: { a: [dtype, 'n', 3] }, outputs: { b: [dtype, 'n', 3] } });
    const [a, b] = [runtime.allocate(dtype, shape), runtime.allocate(dtype, shape)];
    const [from, to] = [new Uint8Array(a.data.buffer), new Uint8Array(b.data.buffer)];
    expect([a.elements, a.data.length, a.data.byteLength]).toEqual([15, 15, 15 * BYTES[dtype]]);
    expect(from.every((byte) => byte === 0)).toBe(true);
    expect(koffi.address(a.data.buffer) % 64n).toBe(0n);
    for (let byte = 0; byte < a.data.byteLength; byte += 1) from[byte] = dtype === 'bool' ? byte % 2 : byte + 1;
    await runtime.session(model).bind({ a: a.value(shape) }, { b: b.value(shape) }).run();
    expect([...to]).toEqual([...from]);
    expect(b.data[7]).toEqual(a.data[7]);
  });

  test('gives the same tensor for the same shape, of any rank that fits', () => {
    const storage = runtime.allocate('float32', [4, 3]);
    expect(storage.value([2, 6])).toBe(storage.value([2, 6]));
    expect(storage.value([12]).shape).toEqual([12]);
    expect(storage.value([]).shape).toEqual([]);
    expect(storage.value([0, 9]).shape).toEqual([0, 9]);
    expect(() => storage.value([4, 4])).toThrow('a tensor [4, 4] of 16 elements does not fit the float32 buffer [4, 3], which holds 12');
  });

  test('refuses what is no shape or type', () => {
    for (const size of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => runtime.allocate('float32', [2, size])).toThrow(`has an entry that is no size: ${size}`);
      expect(() => runtime.allocate('float32', [2]).value([size])).toThrow(`has an entry that is no size: ${size}`);
    }
    expect(() => runtime.allocate('float32', [2 ** 30, 2 ** 30])).toThrow('more elements than can be counted');
    // @ts-expect-error: a type that there is not
    expect(() => runtime.allocate('complex64', [2])).toThrow('unknown element type "complex64"; the types are float32');
  });

  test('that memory does not suffice for is refused', () => {
    expect(() => runtime.allocate('float32', [2 ** 45])).toThrow(/could not allocate \d+ bytes/);
  });

  test('of no elements, and a scalar, can be bound', async () => {
    const model = testModel({
      nodes: [['Add', ['a', 's'], ['b']]],
      inputs: { a: ['float32', 'n'], s: ['float32'] },
      outputs: { b: ['float32', 'n'] },
    });
    const session = runtime.session(model);
    const [none, one, scalar] = [runtime.allocate('float32', [0]), runtime.allocate('float32', [1]), runtime.allocate('float32', [])];
    scalar.data[0] = 3;
    await session.bind({ a: none.value([0]), s: scalar.value([]) }, { b: none.value([0]) }).run();
    await session.bind({ a: one.value([1]), s: scalar.value([]) }, { b: one.value([1]) }).run();
    expect(one.data[0]).toBe(3);
  });
});
