import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { R5Error } from '../error.ts';
import { Random } from '../random.ts';
import { openSafetensors, writeSafetensors } from './safetensors.ts';

let directory = '';
let path = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'r5-safetensors-'));
  path = join(directory, 'model.safetensors');
});
afterAll(() => rm(directory, { recursive: true }));

/** The bytes of a file with this header, as JSON text or a value to be written as JSON, and this data. */
function fileBytes(header: unknown, data: Uint8Array): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

async function readAll(file: string): Promise<Map<string, number[]>> {
  const opened = await openSafetensors(file);
  try {
    const values = new Map<string, number[]>();
    for (const name of opened.tensors.keys()) values.set(name, [...(await opened.read(name))]);
    return values;
  } finally {
    await opened.close();
  }
}

async function refusal(header: unknown, data = new Uint8Array(16)): Promise<string> {
  await writeFile(path, fileBytes(header, data));
  try {
    await readAll(path);
  } catch (error) {
    if (error instanceof R5Error) return error.message;
    throw error;
  }
  return 'nothing was refused';
}

describe('what is written can be read back', () => {
  const random = new Random(1);
  const weights = Float32Array.from({ length: 35 }, () => random.normal());
  const special = Float32Array.of(0, -0, Infinity, -Infinity, 1e-45, 3.4028234663852886e38, NaN);

  test('bit for bit in F32, with names, shapes and metadata', async () => {
    await writeSafetensors(
      path,
      [
        { name: 'b', shape: [5, 7], data: weights },
        { name: 'a', shape: [7], data: () => special },
        { name: 'scalar', shape: [], data: Float32Array.of(42) },
        { name: 'empty', shape: [0, 3], data: new Float32Array(0) },
      ],
      { metadata: { format: 'pt', note: 'äöü' } },
    );
    const file = await openSafetensors(path);
    expect(file.metadata).toEqual({ format: 'pt', note: 'äöü' });
    expect(file.tensors.get('b')).toMatchObject({ dtype: 'F32', shape: [5, 7] });
    const bitsOf = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer);
    expect(bitsOf(await file.read('b'))).toEqual(bitsOf(weights));
    expect(bitsOf(await file.read('a'))).toEqual(bitsOf(special));
    expect([...(await file.read('scalar'))]).toEqual([42]);
    expect([...(await file.read('empty'))]).toEqual([]);
    await file.close();
  });

  test('F16 and BF16 come back as the nearest value, in half the bytes', async () => {
    const exact = Float32Array.of(1, -2.5, 0.125, 65280, -0);
    for (const dtype of ['F16', 'BF16'] as const) {
      await writeSafetensors(path, [{ name: 'x', shape: [5], data: exact }, { name: 'w', shape: [35], data: weights }], { dtype });
      const values = await readAll(path);
      expect(values.get('x')).toEqual([...exact]);
      for (const [i, value] of values.get('w')!.entries()) {
        expect(Math.abs(value - weights[i]!)).toBeLessThanOrEqual(Math.abs(weights[i]!) * (dtype === 'F16' ? 2 ** -11 : 2 ** -8));
      }
    }
  });

  test('a tensor longer than one piece of the conversion', async () => {
    const long = Float32Array.from({ length: (1 << 21) + 5 }, (_, i) => i % 251);
    const before = { name: 'before', shape: [1], data: Float32Array.of(9) };
    await writeSafetensors(path, [before, { name: 'long', shape: [long.length], data: long }], { dtype: 'F16' });
    const file = await openSafetensors(path);
    expect(Buffer.compare(Buffer.from((await file.read('long')).buffer), Buffer.from(long.buffer))).toBe(0);
    await file.close();
  });

  test('the data begins at a multiple of 8 bytes', async () => {
    await writeSafetensors(path, [{ name: 'odd', shape: [1], data: Float32Array.of(1) }]);
    expect(((await readFile(path)).readUInt32LE(0) + 8) % 8).toBe(0);
  });
});

test('reads into the place that is asked for and nowhere else', async () => {
  const a = { name: 'a', shape: [2], data: Float32Array.of(1, 2) };
  await writeSafetensors(path, [a, { name: 'b', shape: [2], data: Float32Array.of(3, 4) }]);
  const file = await openSafetensors(path);
  const target = new Float32Array(5).fill(-1);
  await file.readInto('b', target, 2);
  expect([...target]).toEqual([-1, -1, 3, 4, -1]);
  await expect(file.readInto('b', target, 4)).rejects.toThrow('no room');
  await expect(file.read('c')).rejects.toThrow(`${path} holds no tensor named c.`);
  await file.close();
});

test('F64 is rounded to float32, integers are not weights', async () => {
  const data = new Uint8Array(Float64Array.of(0.1, -3).buffer);
  await writeFile(path, fileBytes({ d: { dtype: 'F64', shape: [2], data_offsets: [0, 16] } }, data));
  expect((await readAll(path)).get('d')).toEqual([Math.fround(0.1), -3]);
  expect(await refusal({ ids: { dtype: 'I64', shape: [2], data_offsets: [0, 16] } })).toContain('tensor ids has elements of type I64');
});

describe('an unsound header is refused, naming file and tensor:', () => {
  const half = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
  const otherHalf = { dtype: 'F32', shape: [2], data_offsets: [8, 16] };

  test.each([
    ['overlapping tensors', { a: { ...half, shape: [3], data_offsets: [0, 12] }, b: otherHalf }, 'tensor b overlaps a by 4 bytes'],
    ['the same bytes twice', { a: half, b: half, c: otherHalf }, 'tensor b overlaps a by 8 bytes'],
    ['a gap', { a: { ...half, shape: [1], data_offsets: [0, 4] }, b: otherHalf }, 'tensor b begins 4 bytes after the end of a'],
    ['bytes left over', { a: half }, '8 bytes after a belong to no tensor'],
    ['no tensor at all', {}, '16 bytes after the header belong to no tensor'],
    ['a range beyond the file', { a: half, b: { ...half, shape: [4], data_offsets: [8, 24] } }, 'tensor b ends at byte'],
    ['begin after end', { a: { ...half, data_offsets: [8, 0] } }, 'tensor a begins at byte 8 of the data and ends before that, at 0'],
    ['a size that is not its shape', { a: { ...half, shape: [3] } }, 'tensor a: shape [3] of F32 takes 12 bytes, its offsets span 8'],
    ['a product that overflows', { a: { ...half, shape: [2 ** 32, 2 ** 32] } }, 'shape [4294967296, 4294967296] of F32 is no whole number'],
    ['an overflow that a zero would hide', { a: { ...half, shape: [2 ** 52, 2 ** 52, 0], data_offsets: [0, 0] } }, 'tensor a: shape'],
    ['a size beyond exact integers', '{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}', 'tensor a'],
    ['a negative size', { a: { ...half, shape: [-2] } }, 'tensor a'],
    ['an unknown element type', { a: { ...half, dtype: 'F31' } }, 'tensor a has the unknown element type F31'],
    ['an element type that every object has', { a: { ...half, dtype: 'toString' } }, 'unknown element type toString'],
    ['a name given twice', `{"a":${JSON.stringify(half)},"\\u0061":${JSON.stringify(otherHalf)}}`, 'names "a" twice'],
    ['a field given twice', '{"a":{"dtype":"F32","shape":[4],"shape":[4],"data_offsets":[0,16]}}', 'names "shape" twice'],
    ['a missing field', { a: { dtype: 'F32', shape: [4] } }, 'tensor a does not hold what it should: data_offsets'],
    ['metadata that is not text', { __metadata__: { n: 1 }, a: half, b: otherHalf }, '__metadata__'],
    ['no JSON', '{"a":', 'the header is not valid JSON'],
    ['a list', '[]', 'expected an object of tensors'],
  ])('%s', async (_, header, message) => {
    const text = await refusal(header);
    expect(text).toContain(message);
    expect(text).toContain(path);
  });

  test('bytes that are no UTF-8', async () => {
    const bytes = fileBytes('{"a":1}', new Uint8Array(0));
    bytes[10] = 0xff;
    await writeFile(path, bytes);
    await expect(openSafetensors(path)).rejects.toThrow('not valid JSON');
  });

  test('a length field beyond the file, beyond the limit, or cut off', async () => {
    const bytes = fileBytes({ a: half, b: otherHalf }, new Uint8Array(16));
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(bytes.length), true);
    await writeFile(path, bytes);
    await expect(openSafetensors(path)).rejects.toThrow(`the header would take ${bytes.length} bytes, but only`);
    view.setBigUint64(0, 2n ** 64n - 1n, true);
    await writeFile(path, bytes);
    await expect(openSafetensors(path)).rejects.toThrow('more than the 100000000 that the format allows');
    await writeFile(path, bytes.subarray(0, 5));
    await expect(openSafetensors(path)).rejects.toThrow('it has 5 bytes');
  });
});

test('however the header is corrupted, the file is read or refused, with no other failure', async () => {
  await writeSafetensors(
    path,
    [
      { name: 'layers.0.weight', shape: [3, 4], data: Float32Array.from({ length: 12 }, (_, i) => i) },
      { name: 'layers.0.bias', shape: [4], data: Float32Array.of(1, 2, 3, 4) },
      { name: 'norm', shape: [2], data: Float32Array.of(5, 6) },
    ],
    { metadata: { format: 'pt' } },
  );
  const sound = await readFile(path);
  const headerEnd = 8 + Number(sound.readBigUInt64LE(0));
  const random = new Random(20_24);
  const alphabet = Buffer.from('0123456789[]{}",:-.eE \\unFIB\u0000ÿ');
  let refused = 0;
  for (let round = 0; round < 600; round++) {
    let bytes = Buffer.from(sound);
    for (let change = random.integer(1, 4); change > 0; change--) {
      const at = random.integer(0, headerEnd - 1);
      const kind = random.integer(0, 4);
      if (kind === 0) bytes[at] = random.integer(0, 255);
      else if (kind === 1) bytes[at] = random.pick([...alphabet]);
      else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.integer(1, 9))]);
      else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - 9))]);
      else bytes = Buffer.from(bytes.subarray(0, random.integer(0, bytes.length)));
    }
    await writeFile(path, bytes);
    try {
      await readAll(path);
    } catch (error) {
      if (!(error instanceof R5Error)) throw error;
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(300);
});

describe('writing refuses', () => {
  const one = { name: 'a', shape: [1], data: Float32Array.of(1) };

  test('a name given twice, and one that is reserved', async () => {
    await expect(writeSafetensors(path, [one, one])).rejects.toThrow('the tensor name a is given twice');
    await expect(writeSafetensors(path, [{ ...one, name: '__metadata__' }])).rejects.toThrow('reserved');
  });

  test('data that does not fit its shape', async () => {
    await expect(writeSafetensors(path, [{ ...one, shape: [2] }])).rejects.toThrow('tensor a of shape [2] needs 2 elements, 1 were given');
  });

  test('a folder that is not there', async () => {
    const nowhere = join(directory, 'none', 'model.safetensors');
    await expect(writeSafetensors(nowhere, [one])).rejects.toThrow(`Cannot write ${nowhere}: there is no such file or folder.`);
    await expect(stat(nowhere)).rejects.toThrow('ENOENT');
  });
});
