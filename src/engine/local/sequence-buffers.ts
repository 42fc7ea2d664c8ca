/** The buffers through which rectangles of sequences go into graphs and results come out. */
import { lossArray } from './batch-checks.ts';
import { lossInputName } from './training-graph.ts';
import { maskName } from './model-graph.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Datum } from '../engine.ts';
import type { MicroBatch } from './micro-batches.ts';
import type { DType } from '../../tensor/index.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Storage, TensorValue } from '../../runtime/storage.ts';

/** Added to the attention scores of tokens that come later. */
const MASKED = -1e30;

export class SequenceBuffers {
  readonly #runtime: Runtime;
  readonly #buffers = new Map<string, Storage>();
  /** How far back layers see, each once. */
  readonly #windows: readonly (number | null)[];
  /** Length that each mask holds now. */
  readonly #maskTime = new Map<string, number>();

  constructor(runtime: Runtime, { attention }: ModelConfig) {
    this.#runtime = runtime;
    this.#windows = [...new Set(attention.map(({ window }) => window))];
  }

  /** Writes a rectangle into the input buffers. */
  write(batch: readonly Datum[], { members, time }: MicroBatch, lossInputs: readonly string[], temperature: number): Record<string, TensorValue> {
    const shape = [members.length, time];
    const size = members.length * time;
    const tokens = this.buffer('tokens', 'int64', size);
    const targets = this.buffer('targets', 'int64', size);
    const positions = this.buffer('positions', 'int64', size);
    const mask = this.buffer('mask', 'float32', size);
    const arrays = lossInputs.map((name) => ({ name, storage: this.buffer(lossInputName(name), 'float32', size) }));
    for (const storage of [tokens, targets]) storage.data.fill(0n, 0, size);
    for (const storage of [mask, ...arrays.map((array) => array.storage)]) storage.data.fill(0, 0, size);
    members.forEach((member, row) => {
      const datum = batch[member];
      if (!datum) throw new Error(`no datum ${member}`);
      const entries = datum.tokens.length - 1;
      const start = row * time;
      for (let i = 0; i < time; i++) positions.data[start + i] = BigInt(i);
      for (let i = 0; i < entries; i++) {
        tokens.data[start + i] = BigInt(datum.tokens[i] ?? 0);
        targets.data[start + i] = BigInt(datum.tokens[i + 1] ?? 0);
      }
      mask.data.fill(1, start, start + entries);
      for (const { name, storage } of arrays) storage.data.set(lossArray(datum, member, name), start);
    });
    const inverseTemperature = this.buffer('inverseTemperature', 'float32', 1);
    inverseTemperature.data[0] = 1 / temperature;
    const values: Record<string, TensorValue> = {
      tokens: tokens.value(shape),
      targets: targets.value(shape),
      positions: positions.value(shape),
      mask: mask.value(shape),
      inverseTemperature: inverseTemperature.value([1]),
    };
    for (const window of this.#windows) values[maskName(window)] = this.#mask(window, time).value([time, time]);
    for (const { name, storage } of arrays) values[lossInputName(name)] = storage.value(shape);
    return values;
  }

  /** Where `logprobs` [members, time] and scalars are written. */
  outputs({ members, time }: MicroBatch, scalars: readonly string[]): Record<string, TensorValue> {
    const outputs: Record<string, TensorValue> = {
      logprobs: this.buffer('logprobs', 'float32', members.length * time).value([members.length, time]),
    };
    for (const name of scalars) outputs[name] = this.buffer(name, 'float32', 1).value([]);
    return outputs;
  }

  collectLogprobs(batch: readonly Datum[], { members, time }: MicroBatch, into: Float32Array[]): void {
    const { data } = this.buffer('logprobs', 'float32', members.length * time);
    members.forEach((member, row) => {
      into[member] = data.slice(row * time, row * time + (batch[member]?.tokens.length ?? 1) - 1);
    });
  }

  scalar(name: string): number {
    return this.buffer(name, 'float32', 1).data[0] ?? NaN;
  }

  #mask(window: number | null, time: number): Storage<'float32'> {
    const name = maskName(window);
    const mask = this.buffer(name, 'float32', time * time);
    if (this.#maskTime.get(name) === time) return mask;
    for (let query = 0; query < time; query++) {
      for (let key = 0; key < time; key++) mask.data[query * time + key] = key > query || query - key >= (window ?? Infinity) ? MASKED : 0;
    }
    this.#maskTime.set(name, time);
    return mask;
  }

  /** A buffer of at least `size` elements; grown, never shrunk. */
  buffer<D extends DType>(name: string, dtype: D, size: number): Storage<D> {
    const known = this.#buffers.get(name);
    if (known && known.elements >= size) return known as Storage<D>;
    known?.release();
    this.#maskTime.delete(name);
    const made = this.#runtime.allocate(dtype, [size]);
    this.#buffers.set(name, made);
    return made;
  }

  release(): void {
    for (const storage of this.#buffers.values()) storage.release();
  }
}
