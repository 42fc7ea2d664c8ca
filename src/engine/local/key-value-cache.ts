/** Key-value caches of a fixed number of rows, each [keyValueHeads, capacity, headSize] per layer, outside the JavaScript heap. */
import { keyCacheName, keyCacheOutputName, valueCacheName, valueCacheOutputName } from './decode-graph.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Storage, TensorValue } from '../../runtime/storage.ts';

export class KeyValueCache {
  readonly rows: number;
  readonly capacity: number;
  readonly #config: ModelConfig;
  /** Keys and values of each layer. */
  readonly #layers: { key: Storage<'float32'>; value: Storage<'float32'> }[];

  constructor(runtime: Runtime, config: ModelConfig, rows: number, capacity: number) {
    this.rows = rows;
    this.capacity = capacity;
    this.#config = config;
    const shape = [rows, config.keyValueHeads, capacity, config.headSize];
    this.#layers = Array.from({ length: config.layers }, () => ({
      key: runtime.allocate('float32', shape),
      value: runtime.allocate('float32', shape),
    }));
  }

  /** Graph inputs and outputs over the first `rows` rows: the same memory on both sides. */
  bindings(rows: number): { inputs: Record<string, TensorValue>; outputs: Record<string, TensorValue> } {
    const shape = [rows, this.#config.keyValueHeads, this.capacity, this.#config.headSize];
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
    const { keyValueHeads, headSize } = this.#config;
    this.#layers.forEach(({ key, value }, layer) => {
      const source = from.#layers[layer];
      if (!source) throw new Error(`no layer ${layer}`);
      for (let head = 0; head < keyValueHeads; head++) {
        const start = (fromRow * keyValueHeads + head) * from.capacity * headSize;
        const target = (toRow * keyValueHeads + head) * this.capacity * headSize;
        key.data.set(source.key.data.subarray(start, start + length * headSize), target);
        value.data.set(source.value.data.subarray(start, start + length * headSize), target);
      }
    });
  }

  release(): void {
    for (const { key, value } of this.#layers) {
      key.release();
      value.release();
    }
  }
}
