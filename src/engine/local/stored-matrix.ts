/** The buffers of a frozen matrix that is not stored as float32: half precision, or codes and scales of blocks. */
import { narrowToFloat16, widenFloat16 } from '../../model/half-precision.ts';
import { transposeInto } from '../../model/transpose.ts';
import { BLOCK_SIZE, dequantizeInt4, dequantizeInt8, quantizeInt4, quantizeInt8, type WeightFormat } from '../../model/weight-format.ts';
import type { ParameterSpec } from '../../model/parameters.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Storage, TensorValue } from '../../runtime/storage.ts';

export type StoredFormat = Exclude<WeightFormat, 'f32'>;

export class StoredMatrix {
  readonly name: string;
  readonly format: StoredFormat;
  /** As the engine sees it: linear weights [in, out], embeddings [vocabulary, width]. */
  readonly shape: readonly number[];
  /** As it is stored, like in files: [out, in] or [vocabulary, width]. */
  readonly rows: number;
  readonly columns: number;
  readonly #transposed: boolean;
  readonly #codes: Storage<'uint8'> | undefined;
  readonly #scales: Storage<'float32'> | undefined;
  readonly #half: Storage<'float16'> | undefined;

  constructor(runtime: Runtime, { name, shape, internalShape, transposed }: ParameterSpec, format: StoredFormat) {
    const [rows = 0, columns = 0] = shape;
    this.name = name;
    this.format = format;
    this.shape = internalShape;
    this.rows = rows;
    this.columns = columns;
    this.#transposed = transposed;
    if (format === 'f16') {
      this.#half = runtime.allocate('float16', shape);
    } else {
      this.#codes = runtime.allocate('uint8', [rows, columns / BLOCK_SIZE, this.blockBytes]);
      this.#scales = runtime.allocate('float32', [(rows * columns) / BLOCK_SIZE]);
    }
  }

  get bits(): 4 | 8 {
    return this.format === 'int4' ? 4 : 8;
  }

  /** Bytes of one block's codes. */
  get blockBytes(): number {
    return (BLOCK_SIZE * this.bits) / 8;
  }

  get elements(): number {
    return this.rows * this.columns;
  }

  /** Takes the matrix in, in the layout of files: [out, in]. */
  setStored(values: Float32Array): void {
    if (this.#half) narrowToFloat16(values, this.#half.data);
    else if (this.#codes && this.#scales) (this.format === 'int8' ? quantizeInt8 : quantizeInt4)(values, this.#codes.data, this.#scales.data);
  }

  /** The matrix as it is stored, widened: [out, in]. */
  stored(): Float32Array {
    const values = new Float32Array(this.elements);
    if (this.#half) widenFloat16(this.#half.data, values);
    else if (this.#codes && this.#scales) (this.format === 'int8' ? dequantizeInt8 : dequantizeInt4)(this.#codes.data, this.#scales.data, values);
    return values;
  }

  /** The same in the engine's layout. */
  values(): Float32Array {
    const stored = this.stored();
    if (!this.#transposed) return stored;
    const values = new Float32Array(stored.length);
    transposeInto(stored, this.rows, this.columns, values);
    return values;
  }

  /** Rows `start` to `end`: [rows, columns]. */
  halfValue(start = 0, end = this.rows): TensorValue {
    if (!this.#half) throw new Error(`${this.name} is not stored in half precision`);
    return this.#half.value([end - start, this.columns], start * this.columns);
  }

  /** Rows `start` to `end`: codes [rows, blocks, bytes] and scales [rows * blocks]. */
  blockValues(start = 0, end = this.rows): { codes: TensorValue; scales: TensorValue } {
    if (!this.#codes || !this.#scales) throw new Error(`${this.name} is not stored in blocks`);
    const blocks = this.columns / BLOCK_SIZE;
    const count = end - start;
    return {
      codes: this.#codes.value([count, blocks, this.blockBytes], start * blocks * this.blockBytes),
      scales: this.#scales.value([count * blocks], start * blocks),
    };
  }

  /** The same memory by rows: codes [rows, blocks * bytes], scales [rows, blocks]. */
  rowValues(): { codes: TensorValue; scales: TensorValue } {
    if (!this.#codes || !this.#scales) throw new Error(`${this.name} is not stored in blocks`);
    const blocks = this.columns / BLOCK_SIZE;
    return { codes: this.#codes.value([this.rows, blocks * this.blockBytes]), scales: this.#scales.value([this.rows, blocks]) };
  }

  /** Some of its numbers as they are stored, to notice a change. */
  sample(count: number): Float32Array {
    const data = this.#half?.data ?? this.#codes?.data ?? new Uint8Array();
    const taken = Math.min(count, data.length);
    return Float32Array.from({ length: taken }, (_, i) => data[Math.floor((i * data.length) / taken)] ?? 0);
  }

  release(): void {
    this.#codes?.release();
    this.#scales?.release();
    this.#half?.release();
  }
}
