/** Memory outside the JavaScript heap that graphs read and write, and tensors laid over it. */
import koffi from 'koffi';
import { R5Error } from '../error.ts';
import { BYTES, type DType } from '../tensor/dtype.ts';
import { ONNX_TYPE } from '../tensor/onnx.ts';
import type { Environment } from './environment.ts';
import type { Out, Pointer } from './function-table.ts';
import { SharedHandle } from './shared-handle.ts';

/** The array that shows a buffer's elements; float16 shows as its bits. */
export interface ElementArray {
  float32: Float32Array;
  float64: Float64Array;
  int32: Int32Array;
  int64: BigInt64Array;
  bool: Uint8Array;
  float16: Uint16Array;
  int8: Int8Array;
  uint8: Uint8Array;
}

const ELEMENT_ARRAY: { [D in DType]: new (memory: ArrayBuffer, offset: number, length: number) => ElementArray[D] } = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
};

const ALIGNMENT = 64;

/** A tensor over the first elements of a storage: what a session is bound to. It lives as long as its storage. */
export interface TensorValue {
  readonly storage: Storage;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** The native OrtValue. */
  readonly pointer: Pointer;
}

export class Storage<D extends DType = DType> extends SharedHandle {
  readonly dtype: D;
  /** Capacity. */
  readonly elements: number;
  readonly #environment: Environment;
  readonly #address: Pointer;
  readonly #memory: ArrayBuffer;
  readonly #data: ElementArray[D];
  readonly #values = new Map<string, TensorValue>();
  readonly #onRelease: () => void;

  /** Made by `Runtime.allocate`. */
  constructor(environment: Environment, dtype: D, shape: readonly number[], onRelease: () => void) {
    super(`the ${dtype} buffer [${shape.join(', ')}]`);
    this.dtype = dtype;
    this.elements = elementCount(shape);
    const bytes = Math.max(ALIGNMENT, Math.ceil((this.elements * BYTES[dtype]) / ALIGNMENT) * ALIGNMENT);
    this.#address = environment.allocate(bytes);
    environment.hold();
    this.#environment = environment;
    this.#onRelease = onRelease;
    this.#memory = koffi.view(this.#address, bytes);
    new Uint8Array(this.#memory).fill(0);
    this.#data = new ELEMENT_ARRAY[dtype](this.#memory, 0, this.elements);
  }

  /** The elements themselves, not a copy. Empty once the storage is released. Do not touch while a run that uses it is under way. */
  get data(): ElementArray[D] {
    this.assertAlive();
    return this.#data;
  }

  /**
   * A tensor over product(shape) elements from `offset` on; the same one each time for the same arguments. Throws R5Error when it does not
   * fit.
   */
  value(shape: readonly number[], offset = 0): TensorValue {
    this.assertAlive();
    const key = `${shape.join()}@${offset}`;
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const elements = elementCount(shape);
    if (offset + elements > this.elements) {
      throw new R5Error(`a tensor [${shape.join(', ')}] of ${elements} elements does not fit ${this.label}, which holds ${this.elements}`);
    }
    const { library, hostMemory } = this.#environment;
    const bytes = elements * BYTES[this.dtype];
    const address = this.#address + BigInt(offset * BYTES[this.dtype]);
    const sizes = BigInt64Array.from(shape, BigInt);
    const pointer = library.result(`could not make a tensor [${shape.join(', ')}]`, (out: Out<Pointer>) =>
      library.functions.createTensorWithData(hostMemory, address, bytes, sizes, shape.length, ONNX_TYPE[this.dtype], out),
    );
    const value: TensorValue = { storage: this, dtype: this.dtype, shape: [...shape], pointer };
    this.#values.set(key, value);
    return value;
  }

  /** Arrays that were taken from `data` become empty, so that none is left looking at memory that is someone else's. */
  protected override detach(): void {
    this.#onRelease();
    this.#memory.transfer();
  }

  protected override destroy(): void {
    const { library } = this.#environment;
    for (const value of this.#values.values()) library.functions.releaseValue(value.pointer);
    this.#values.clear();
    this.#environment.free(this.#address);
    this.#environment.drop();
  }
}

/** Product of the shape. Throws R5Error unless every entry is a whole number of 0 or more. */
function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new R5Error(`the shape [${shape.join(', ')}] has an entry that is no size: ${size}`);
    }
    count *= size;
  }
  if (!Number.isSafeInteger(count)) throw new R5Error(`the shape [${shape.join(', ')}] has more elements than can be counted`);
  return count;
}
