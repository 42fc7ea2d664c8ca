/**
 * Reading and writing safetensors files (https://github.com/huggingface/safetensors). Reading fetches only the bytes of the tensors asked
 * for and widens them to float32; writing streams, so that neither needs memory for more than one tensor.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { endianness } from 'node:os';
import { R5Error } from '../error.ts';
import { fileError } from './file-error.ts';
import { narrowToBfloat16, narrowToFloat16, widenBfloat16, widenFloat16 } from './half-precision.ts';
import { parseHeader, parseHeaderLength, type SafetensorsDtype, type TensorEntry } from './safetensors-header.ts';

export type { SafetensorsDtype } from './safetensors-header.ts';

/** Element types that checkpoints can be written in. */
export type CheckpointDtype = 'F32' | 'F16' | 'BF16';

/** An open file. `close` it when done. */
export interface SafetensorsFile {
  readonly path: string;
  /** By name, in the order of their bytes. */
  readonly tensors: ReadonlyMap<string, { readonly dtype: SafetensorsDtype; readonly shape: readonly number[] }>;
  readonly metadata: Readonly<Record<string, string>>;
  /** The tensor's elements, row-major, as float32. Throws R5Error for an unknown name or an element type that is no float. */
  read(name: string): Promise<Float32Array>;
  /** The same into `target`, from element `offset` (default 0) on; the target must have room. */
  readInto(name: string, target: Float32Array, offset?: number): Promise<void>;
  close(): Promise<void>;
}

/** A tensor to write; `data` may be a function, which is called when its turn comes, so that not all need to be in memory at once. */
export interface TensorToWrite {
  name: string;
  shape: readonly number[];
  data: Float32Array | (() => Float32Array);
}

/** Converted and read in pieces of this many elements, so that a large tensor needs little memory besides its target. */
const pieceElements = 1 << 21;

/**
 * Opens a file and reads its header. Throws R5Error when the file is missing or its header is not sound (see `parseHeader`).
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  requireLittleEndian();
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    throw fileError('open', path, error);
  }
  try {
    const { size } = await handle.stat();
    const lengthField = new Uint8Array(Math.min(8, size));
    await readExactly(handle, lengthField, 0, path);
    const json = new Uint8Array(parseHeaderLength(lengthField, size, path));
    await readExactly(handle, json, 8, path);
    const { tensors, metadata } = parseHeader(json, size, path);
    return openFile(handle, path, tensors, metadata);
  } catch (error) {
    await handle.close();
    throw fileError('read', path, error);
  }
}

function openFile(
  handle: FileHandle,
  path: string,
  tensors: ReadonlyMap<string, TensorEntry>,
  metadata: Readonly<Record<string, string>>,
): SafetensorsFile {
  const entryOf = (name: string): TensorEntry => {
    const entry = tensors.get(name);
    if (entry === undefined) throw new R5Error(`${path} holds no tensor named ${name}.`);
    return entry;
  };
  const readInto = async (name: string, target: Float32Array, offset = 0): Promise<void> => {
    const entry = entryOf(name);
    const count = elementCount(entry.shape);
    if (offset < 0 || offset + count > target.length) {
      throw new RangeError(`${name} has ${count} elements; a target of ${target.length} has no room for them at ${offset}`);
    }
    await readAsFloat32(handle, entry, target.subarray(offset, offset + count), `${path}: tensor ${name}`);
  };
  return {
    path,
    tensors,
    metadata,
    readInto,
    read: async (name) => {
      const target = new Float32Array(elementCount(entryOf(name).shape));
      await readInto(name, target);
      return target;
    },
    close: () => handle.close(),
  };
}

/** Typed arrays have the machine's byte order and the format is little-endian; every machine that Node is built for by default is too. */
function requireLittleEndian(): void {
  if (endianness() !== 'LE') throw new R5Error('r5 reads and writes safetensors on little-endian machines only; this one is big-endian.');
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function bytesOf(values: Float32Array | Float64Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

async function readAsFloat32(handle: FileHandle, entry: TensorEntry, target: Float32Array, where: string): Promise<void> {
  switch (entry.dtype) {
    case 'F32':
      return readExactly(handle, bytesOf(target), entry.start, where);
    case 'F16':
      return readPieces(handle, entry, target, where, Uint16Array, widenFloat16);
    case 'BF16':
      return readPieces(handle, entry, target, where, Uint16Array, widenBfloat16);
    case 'F64':
      return readPieces(handle, entry, target, where, Float64Array, (source, piece) => piece.set(source));
    default:
      throw new R5Error(`${where} has elements of type ${entry.dtype}; weights are read from F32, F16, BF16 and F64.`);
  }
}

async function readPieces<Source extends Uint16Array | Float64Array>(
  handle: FileHandle,
  entry: TensorEntry,
  target: Float32Array,
  where: string,
  sourceType: { new (length: number): Source; BYTES_PER_ELEMENT: number },
  widen: (source: Source, target: Float32Array) => void,
): Promise<void> {
  for (let from = 0; from < target.length; from += pieceElements) {
    const piece = target.subarray(from, from + pieceElements);
    const source = new sourceType(piece.length);
    await readExactly(handle, bytesOf(source), entry.start + from * sourceType.BYTES_PER_ELEMENT, where);
    widen(source, piece);
  }
}

/** Fills `target` from `position` on. One read may return less than was asked for, and none may ask for 2 GiB. */
async function readExactly(handle: FileHandle, target: Uint8Array, position: number, where: string): Promise<void> {
  const largestRead = 1 << 30;
  for (let done = 0; done < target.length; ) {
    const { bytesRead } = await handle.read(target, done, Math.min(target.length - done, largestRead), position + done);
    if (bytesRead === 0) {
      throw new R5Error(`${where}: the file ends at byte ${position + done}, within it. Was it cut off while it was read?`);
    }
    done += bytesRead;
  }
}

/**
 * Writes a file with all tensors in one element type, in the order given. F32 keeps every bit; F16 and BF16 round to nearest, ties to
 * even. Replaces an existing file, and has reached the disk when the promise resolves. Throws R5Error when two tensors share a name,
 * data does not fit its shape, or the file cannot be written.
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<TensorToWrite>,
  options: { dtype?: CheckpointDtype; metadata?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  requireLittleEndian();
  const { dtype = 'F32', metadata = {} } = options;
  const list = [...tensors];
  const header = headerBytes(list, dtype, metadata, path);
  let handle: FileHandle;
  try {
    handle = await open(path, 'w');
  } catch (error) {
    throw fileError('write', path, error);
  }
  try {
    await writeFully(handle, header);
    for (const tensor of list) await writeTensor(handle, tensor, dtype, path);
    await handle.sync();
  } catch (error) {
    throw fileError('write', path, error);
  } finally {
    await handle.close();
  }
}

function headerBytes(
  tensors: readonly TensorToWrite[],
  dtype: CheckpointDtype,
  metadata: Readonly<Record<string, string>>,
  path: string,
): Uint8Array {
  const entries = new Map<string, unknown>();
  if (Object.keys(metadata).length > 0) entries.set('__metadata__', metadata);
  const elementBytes = dtype === 'F32' ? 4 : 2;
  let position = 0;
  for (const { name, shape } of tensors) {
    if (entries.has(name) || name === '__metadata__') {
      throw new R5Error(`Cannot write ${path}: the tensor name ${name} is ${entries.has(name) ? 'given twice' : 'reserved'}.`);
    }
    const end = position + elementCount(shape) * elementBytes;
    entries.set(name, { dtype, shape, data_offsets: [position, end] });
    position = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  // Spaces fill the header up, so that the data begins at a multiple of 8 and can be mapped into memory.
  const bytes = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.length - 8), true);
  bytes.set(json, 8);
  return bytes;
}

async function writeTensor(handle: FileHandle, tensor: TensorToWrite, dtype: CheckpointDtype, path: string): Promise<void> {
  const data = typeof tensor.data === 'function' ? tensor.data() : tensor.data;
  const expected = elementCount(tensor.shape);
  if (data.length !== expected) {
    throw new R5Error(
      `Cannot write ${path}: tensor ${tensor.name} of shape [${tensor.shape.join(', ')}] needs ${expected} elements, ` +
        `${data.length} were given.`,
    );
  }
  if (dtype === 'F32') return writeFully(handle, bytesOf(data));
  const narrow = dtype === 'F16' ? narrowToFloat16 : narrowToBfloat16;
  for (let from = 0; from < data.length; from += pieceElements) {
    const piece = data.subarray(from, from + pieceElements);
    const narrowed = new Uint16Array(piece.length);
    narrow(piece, narrowed);
    await writeFully(handle, bytesOf(narrowed));
  }
}

async function writeFully(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  const largestWrite = 1 << 30;
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, Math.min(bytes.length - done, largestWrite));
    done += bytesWritten;
  }
}
