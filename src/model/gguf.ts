/**
 * Writes GGUF version 3, the file that llama.cpp and what is built on it read (ggml's docs/gguf.md): metadata, the tokenizer, and tensors as
 * float32, float16 or Q8_0, under the names of gguf-py. One tensor at a time is in memory.
 */
import { open } from 'node:fs/promises';
import { R5Error } from '../error.ts';
import { fileError } from './file-error.ts';
import { floatToHalf, narrowToFloat16 } from './half-precision.ts';
import { BLOCK_SIZE, fitsBlocks, quantizeInt8 } from './weight-format.ts';

export const GGUF_TYPES = ['f32', 'f16', 'q8_0'] as const;
export type GgufType = (typeof GGUF_TYPES)[number];

/** Codes of ggml's types. */
const TYPE_CODE: Readonly<Record<GgufType, number>> = { f32: 0, f16: 1, q8_0: 8 };
const ALIGNMENT = 32;

export type GgufValue =
  | { type: 'uint32' | 'int32' | 'float32' | 'bool'; value: number }
  | { type: 'string'; value: string }
  | { type: 'strings'; value: readonly string[] }
  | { type: 'int32s'; value: readonly number[] }
  | { type: 'float32s'; value: readonly number[] };

const VALUE_CODE = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 } as const;

export interface GgufTensor {
  name: string;
  /** As in the checkpoint: [rows, columns] or [columns]. */
  shape: readonly number[];
  type: GgufType;
  /** Called when the tensor's turn comes. */
  data: () => Float32Array;
}

/** The type that a tensor is stored in: vectors stay float32, and rows that do not divide into blocks float16. */
export function tensorType(shape: readonly number[], wanted: GgufType): GgufType {
  if (shape.length < 2) return 'f32';
  return wanted === 'q8_0' && !fitsBlocks(shape.at(-1) ?? 0) ? 'f16' : wanted;
}

/** Bytes of a tensor's data. */
function dataBytes({ shape, type }: Pick<GgufTensor, 'shape' | 'type'>): number {
  const elements = shape.reduce((product, size) => product * size, 1);
  if (type === 'q8_0') return (elements / BLOCK_SIZE) * (BLOCK_SIZE + 2);
  return elements * (type === 'f32' ? 4 : 2);
}

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** Throws R5Error when the file cannot be written. */
export async function writeGguf(path: string, metadata: ReadonlyMap<string, GgufValue>, tensors: readonly GgufTensor[]): Promise<void> {
  const header = new ByteWriter();
  header.text('GGUF');
  header.uint32(3);
  header.uint64(tensors.length);
  header.uint64(metadata.size);
  for (const [key, value] of metadata) writeEntry(header, key, value);
  let offset = 0;
  for (const tensor of tensors) {
    header.string(tensor.name);
    header.uint32(tensor.shape.length);
    // ggml counts dimensions from the one that runs fastest.
    for (const size of tensor.shape.toReversed()) header.uint64(size);
    header.uint32(TYPE_CODE[tensor.type]);
    header.uint64(offset);
    offset += aligned(dataBytes(tensor));
  }
  try {
    const file = await open(path, 'w');
    try {
      await file.write(padded(header.bytes()));
      for (const tensor of tensors) await file.write(padded(encode(tensor)));
    } finally {
      await file.close();
    }
  } catch (error) {
    throw error instanceof R5Error ? error : fileError('write', path, error);
  }
}

function padded(bytes: Uint8Array): Uint8Array {
  if (bytes.length % ALIGNMENT === 0) return bytes;
  const longer = new Uint8Array(aligned(bytes.length));
  longer.set(bytes);
  return longer;
}

function encode({ name, shape, type, data }: GgufTensor): Uint8Array {
  const values = data();
  const elements = shape.reduce((product, size) => product * size, 1);
  if (values.length !== elements) throw new Error(`${name} has ${values.length} elements, not ${elements}`);
  if (type === 'f32') return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (type === 'f16') {
    const half = new Uint16Array(values.length);
    narrowToFloat16(values, half);
    return new Uint8Array(half.buffer);
  }
  const blocks = values.length / BLOCK_SIZE;
  const codes = new Uint8Array(values.length);
  const scales = new Float32Array(blocks);
  quantizeInt8(values, codes, scales);
  const bytes = new Uint8Array(blocks * (BLOCK_SIZE + 2));
  const view = new DataView(bytes.buffer);
  for (let block = 0; block < blocks; block++) {
    const start = block * (BLOCK_SIZE + 2);
    view.setUint16(start, floatToHalf(scales[block] ?? 0), true);
    for (let i = 0; i < BLOCK_SIZE; i++) view.setInt8(start + 2 + i, (codes[block * BLOCK_SIZE + i] ?? 128) - 128);
  }
  return bytes;
}

function writeEntry(writer: ByteWriter, key: string, entry: GgufValue): void {
  writer.string(key);
  switch (entry.type) {
    case 'string':
      writer.uint32(VALUE_CODE.string);
      writer.string(entry.value);
      return;
    case 'strings':
      writer.uint32(VALUE_CODE.array);
      writer.uint32(VALUE_CODE.string);
      writer.uint64(entry.value.length);
      for (const text of entry.value) writer.string(text);
      return;
    case 'int32s':
    case 'float32s': {
      const item = entry.type === 'int32s' ? 'int32' : 'float32';
      writer.uint32(VALUE_CODE.array);
      writer.uint32(VALUE_CODE[item]);
      writer.uint64(entry.value.length);
      for (const value of entry.value) writer.number(item, value);
      return;
    }
    default:
      writer.uint32(VALUE_CODE[entry.type]);
      writer.number(entry.type, entry.value);
  }
}

/** Little-endian bytes that grow. */
class ByteWriter {
  #bytes = new Uint8Array(1 << 16);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  #reserve(count: number): number {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const longer = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      longer.set(this.#bytes);
      this.#bytes = longer;
      this.#view = new DataView(longer.buffer);
    }
    return start;
  }

  text(text: string): void {
    const bytes = new TextEncoder().encode(text);
    const start = this.#reserve(bytes.length);
    this.#bytes.set(bytes, start);
  }

  string(text: string): void {
    this.uint64(new TextEncoder().encode(text).length);
    this.text(text);
  }

  uint32(value: number): void {
    const start = this.#reserve(4);
    this.#view.setUint32(start, value, true);
  }

  uint64(value: number): void {
    const start = this.#reserve(8);
    this.#view.setBigUint64(start, BigInt(value), true);
  }

  number(type: 'uint32' | 'int32' | 'float32' | 'bool', value: number): void {
    const start = this.#reserve(type === 'bool' ? 1 : 4);
    if (type === 'float32') this.#view.setFloat32(start, value, true);
    else if (type === 'int32') this.#view.setInt32(start, value, true);
    else if (type === 'bool') this.#view.setUint8(start, value);
    else this.#view.setUint32(start, value, true);
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}
