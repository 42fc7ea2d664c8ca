/** Key-value caches: rows of [keyValueHeads, capacity, headSize] per layer, outside the JavaScript heap. */
import { keyCacheName, keyCacheOutputName, valueCacheName, valueCacheOutputName } from './decode-graph.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Storage, TensorValue } from '../../runtime/storage.ts';

/** Floats that one position takes, over all layers. */
export const floatsPerPosition = ({ layers, keyValueHeads, headSize }: ModelConfig): number => 2 * layers * keyValueHeads * headSize;

export class KeyValueCache {
  readonly #runtime: Runtime;
  readonly #config: ModelConfig;
  /** Keys and values of each layer. */
  readonly #layers: { key: Storage<'float32'>; value: Storage<'float32'> }[];
  #rows: number;
  #capacity: number;

  constructor(runtime: Runtime, config: ModelConfig, rows: number, capacity: number) {
    this.#runtime = runtime;
    this.#config = config;
    this.#rows = rows;
    this.#capacity = capacity;
    this.#layers = Array.from({ length: config.layers }, () => ({ key: this.#allocate(), value: this.#allocate() }));
  }

  get rows(): number {
    return this.#rows;
  }

  /** Positions of a row. */
  get capacity(): number {
    return this.#capacity;
  }

  get bytes(): number {
    return 4 * floatsPerPosition(this.#config) * this.#rows * this.#capacity;
  }

  /** Graph inputs and outputs over the first `rows` rows: the same memory on both sides. */
  bindings(rows: number): { inputs: Record<string, TensorValue>; outputs: Record<string, TensorValue> } {
    const shape = [rows, this.#config.keyValueHeads, this.#capacity, this.#config.headSize];
    const inputs: Record<string, TensorValue> = {};
    const outputs: Record<string, TensorValue> = {};
    this.#layers.forEach(({ key, value }, layer) => {
      inputs[keyCacheName(layer)] = outputs[keyCacheOutputName(layer)] = key.value(shape);
      inputs[valueCacheName(layer)] = outputs[valueCacheOutputName(layer)] = value.value(shape);
    });
    return { inputs, outputs };
  }

  /** Copies the first `length` positions of a row of another cache into a row of this one. */
  copyRow(from: KeyValueCache, fromRow: number, toRow: number, length: number): void {
    this.#layers.forEach(({ key, value }, layer) => {
      const source = from.#layers[layer];
      if (!source) throw new Error(`no layer ${layer}`);
      this.#copyHeads(source.key.data, from.#capacity, fromRow, key.data, this.#capacity, toRow, length);
      this.#copyHeads(source.value.data, from.#capacity, fromRow, value.data, this.#capacity, toRow, length);
    });
  }

  /** The first `length` positions of a row by themselves: [layer, keys and values, head, position, headSize]. */
  takeOut(row: number, length: number): Float32Array {
    const packed = new Float32Array(length * floatsPerPosition(this.#config));
    this.#storages().forEach((storage, i) => this.#copyHeads(storage.data, this.#capacity, row, packed, length, i, length));
    return packed;
  }

  /** Puts the first `length` of `packedLength` positions that `takeOut` gave into a row. */
  putIn(row: number, packed: Float32Array, packedLength: number, length: number): void {
    this.#storages().forEach((storage, i) => this.#copyHeads(packed, packedLength, i, storage.data, this.#capacity, row, length));
  }

  /** Changes the sizes; keeps the first `lengths[row]` positions of each row. Takes the memory of one layer more meanwhile, not of all. */
  resize(rows: number, capacity: number, lengths: readonly number[]): void {
    const before = this.#capacity;
    this.#rows = rows;
    this.#capacity = capacity;
    const moved = (old: Storage<'float32'>): Storage<'float32'> => {
      const fresh = this.#allocate();
      lengths.forEach((length, row) => this.#copyHeads(old.data, before, row, fresh.data, capacity, row, length));
      old.release();
      return fresh;
    };
    for (const layer of this.#layers) {
      layer.key = moved(layer.key);
      layer.value = moved(layer.value);
    }
  }

  /** Cuts the same memory into other rows, or takes more where it is too small. What it held is lost. True when the memory is another. */
  arrange(rows: number, capacity: number): boolean {
    const elements = this.#layers[0]?.key.elements ?? 0;
    if (rows * capacity * this.#config.keyValueHeads * this.#config.headSize > elements) {
      this.resize(rows, capacity, []);
      return true;
    }
    this.#rows = rows;
    this.#capacity = capacity;
    return false;
  }

  #storages(): Storage<'float32'>[] {
    return this.#layers.flatMap(({ key, value }) => [key, value]);
  }

  #allocate(): Storage<'float32'> {
    return this.#runtime.allocate('float32', [this.#rows, this.#config.keyValueHeads, this.#capacity, this.#config.headSize]);
  }

  #copyHeads(source: Float32Array, sourceCapacity: number, sourceRow: number, target: Float32Array, targetCapacity: number, targetRow: number, length: number): void {
    const { keyValueHeads, headSize } = this.#config;
    for (let head = 0; head < keyValueHeads; head++) {
      const start = (sourceRow * keyValueHeads + head) * sourceCapacity * headSize;
      const place = (targetRow * keyValueHeads + head) * targetCapacity * headSize;
      target.set(source.subarray(start, start + length * headSize), place);
    }
  }

  release(): void {
    for (const storage of this.#storages()) storage.release();
  }
}
