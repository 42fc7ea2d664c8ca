/**
 * The header of a safetensors file: 8 bytes with the length of the JSON that follows (little-endian), the JSON, then the tensors' bytes
 * back to back. Format: https://github.com/huggingface/safetensors (README, "Format"). Nothing in it is trusted: every tensor's range
 * is checked against its shape, its neighbours and the file, so that reading can neither go out of bounds nor read bytes twice.
 */
import { z } from 'zod';
import { R5Error } from '../error.ts';
import { firstDuplicateKey } from './duplicate-keys.ts';
import { checkAgainst } from './json-file.ts';

/** Bits of one element, for each element type of the format. */
const bitsPerElement = {
  BOOL: 8, U8: 8, I8: 8, F8_E4M3: 8, F8_E5M2: 8, F8_E8M0: 8, F4: 4, F6_E2M3: 6, F6_E3M2: 6,
  U16: 16, I16: 16, F16: 16, BF16: 16, U32: 32, I32: 32, F32: 32, U64: 64, I64: 64, F64: 64, C64: 64,
} as const;

/** An element type, spelled as in the file. */
export type SafetensorsDtype = keyof typeof bitsPerElement;

export interface TensorEntry {
  dtype: SafetensorsDtype;
  shape: readonly number[];
  /** Where the tensor's bytes begin, counted from the start of the file. */
  start: number;
  byteLength: number;
}

export interface SafetensorsHeader {
  /** In the order of their bytes. */
  tensors: Map<string, TensorEntry>;
  metadata: Record<string, string>;
}

/** The reference reader's limit; a longer header is a damaged length field. */
const largestHeader = 100_000_000;

const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
const headerSchema = z.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'expected an object of tensors by name',
);
const metadataSchema = z.record(z.string(), z.string());

const damaged = 'The file is damaged or cut off; fetch or write it again.';

/** The JSON's length from the file's first 8 bytes. Throws R5Error when it cannot be the length of a header of this file. */
export function parseHeaderLength(firstBytes: Uint8Array, fileSize: number, path: string): number {
  if (firstBytes.length < 8) throw new R5Error(`${path} is no safetensors file: it has ${fileSize} bytes, its length field alone takes 8.`);
  const length = new DataView(firstBytes.buffer, firstBytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(largestHeader)) {
    throw new R5Error(`${path}: the header would take ${length} bytes, more than the ${largestHeader} that the format allows. ${damaged}`);
  }
  if (length > BigInt(fileSize - 8)) {
    throw new R5Error(`${path}: the header would take ${length} bytes, but only ${fileSize - 8} follow its length field. ${damaged}`);
  }
  return Number(length);
}

/** The header from its JSON bytes. Throws R5Error that names the file, the tensor and what is wrong with it. */
export function parseHeader(jsonBytes: Uint8Array, fileSize: number, path: string): SafetensorsHeader {
  const dataStart = 8 + jsonBytes.length;
  const entries: [string, TensorEntry][] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(headerObject(jsonBytes, path))) {
    if (name === '__metadata__') metadata = checkAgainst(metadataSchema, value, `${path}: the header's __metadata__`);
    else entries.push([name, parseEntry(name, value, dataStart, path)]);
  }
  entries.sort(([, a], [, b]) => a.start - b.start || a.byteLength - b.byteLength);
  checkRanges(entries, dataStart, fileSize, path);
  return { tensors: new Map(entries), metadata };
}

function headerObject(jsonBytes: Uint8Array, path: string): Record<string, unknown> {
  let json: string;
  let value: unknown;
  try {
    json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(jsonBytes);
    value = JSON.parse(json);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    throw new R5Error(`${path}: the header is not valid JSON (${error.message}). ${damaged}`, { cause: error });
  }
  const header = checkAgainst(headerSchema, value, `${path}: the header`);
  const duplicate = firstDuplicateKey(json);
  if (duplicate !== undefined) throw new R5Error(`${path}: the header names ${JSON.stringify(duplicate)} twice. ${damaged}`);
  return header;
}

function isKnownDtype(name: string): name is SafetensorsDtype {
  return Object.hasOwn(bitsPerElement, name);
}

function parseEntry(name: string, value: unknown, dataStart: number, path: string): TensorEntry {
  const where = `${path}: tensor ${name}`;
  const { dtype, shape, data_offsets: [begin, end] } = checkAgainst(entrySchema, value, where);
  if (!isKnownDtype(dtype)) {
    throw new R5Error(`${where} has the unknown element type ${dtype}. Known are ${Object.keys(bitsPerElement).join(', ')}.`);
  }
  if (begin > end) throw new R5Error(`${where} begins at byte ${begin} of the data and ends before that, at ${end}. ${damaged}`);
  const expected = byteSize(shape, dtype);
  if (expected === undefined) {
    throw new R5Error(`${where}: shape [${shape.join(', ')}] of ${dtype} is no whole number of bytes that a file could hold. ${damaged}`);
  }
  if (expected !== end - begin) {
    throw new R5Error(
      `${where}: shape [${shape.join(', ')}] of ${dtype} takes ${expected} bytes, its offsets span ${end - begin}. ${damaged}`,
    );
  }
  return { dtype, shape, start: dataStart + begin, byteLength: expected };
}

/** Bytes of a tensor; undefined when a product on the way exceeds the exact integers, or when a part of a byte would be left. */
function byteSize(shape: readonly number[], dtype: SafetensorsDtype): number | undefined {
  let bits: number = bitsPerElement[dtype];
  for (const size of shape) {
    bits *= size;
    if (!Number.isSafeInteger(bits)) return undefined;
  }
  return bits % 8 === 0 ? bits / 8 : undefined;
}

/** The tensors, in the order of their bytes, must tile the data from its first byte to the file's last. */
function checkRanges(entries: readonly (readonly [string, TensorEntry])[], dataStart: number, fileSize: number, path: string): void {
  let position = dataStart;
  let previous = 'the header';
  for (const [name, { start, byteLength }] of entries) {
    const where = `${path}: tensor ${name}`;
    if (start + byteLength > fileSize) {
      throw new R5Error(`${where} ends at byte ${start + byteLength}, the file has ${fileSize}. ${damaged}`);
    }
    if (start < position) throw new R5Error(`${where} overlaps ${previous} by ${position - start} bytes. ${damaged}`);
    if (start > position) throw new R5Error(`${where} begins ${start - position} bytes after the end of ${previous}. ${damaged}`);
    position = start + byteLength;
    previous = name;
  }
  if (position !== fileSize) throw new R5Error(`${path}: ${fileSize - position} bytes after ${previous} belong to no tensor. ${damaged}`);
}
