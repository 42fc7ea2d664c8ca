/** The buffers through which rectangles of sequences go into graphs and results come out. */
import { lossArray } from './batch-checks.ts';
import { lossInputName } from './training-graph.ts';
import { maskName, prefixInputName, prefixMaskName } from './sequence-layout.ts';
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
  /** Shape that each mask holds now. */
  readonly #maskShape = new Map<string, string>();

  constructor(runtime: Runtime, { attention }: ModelConfig) {
    this.#runtime = runtime;
    this.#windows = [...new Set(attention.map(({ window }) => window))];
  }

  /** Writes a rectangle into the input buffers. */
  write(batch: readonly Datum[], { members, time, prefix }: MicroBatch, lossInputs: readonly string[], temperature: number): Record<string, TensorValue> {
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
      const entries = datum.tokens.length - 1 - prefix;
      const start = row * time;
      for (let i = 0; i < time; i++) positions.data[start + i] = BigInt(prefix + i);
      for (let i = 0; i < entries; i++) {
        tokens.data[start + i] = BigInt(datum.tokens[prefix + i] ?? 0);
        targets.data[start + i] = BigInt(datum.tokens[prefix + i + 1] ?? 0);
      }
      // Entries before the first that counts say nothing, in a plain rectangle too.
      const first = Math.max(prefix, datum.firstEntry ?? 0);
      mask.data.fill(1, start + first - prefix, start + entries);
      for (const { name, storage } of arrays) storage.data.set(lossArray(datum, member, name).subarray(first), start + first - prefix);
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
    for (const window of this.#windows) values[maskName(window)] = this.#mask(maskName(window), window, time, prefix).value([time, prefix + time]);
    if (prefix > 0) Object.assign(values, this.#prefixValues(batch[members[0] ?? 0], prefix));
    for (const { name, storage } of arrays) values[lossInputName(name)] = storage.value(shape);
    return values;
  }

  /** The inputs that hold what all members begin with. */
  #prefixValues(datum: Datum | undefined, prefix: number): Record<string, TensorValue> {
    const tokens = this.buffer(prefixInputName('tokens'), 'int64', prefix);
    const positions = this.buffer(prefixInputName('positions'), 'int64', prefix);
    for (let i = 0; i < prefix; i++) {
      tokens.data[i] = BigInt(datum?.tokens[i] ?? 0);
      positions.data[i] = BigInt(i);
    }
    const values: Record<string, TensorValue> = {
      [prefixInputName('tokens')]: tokens.value([prefix]),
      [prefixInputName('positions')]: positions.value([prefix]),
    };
    for (const window of this.#windows) values[prefixMaskName(window)] = this.#mask(prefixMaskName(window), window, prefix, 0).value([prefix, prefix]);
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

  collectLogprobs(batch: readonly Datum[], { members, time, prefix }: MicroBatch, into: Float32Array[]): void {
    const { data } = this.buffer('logprobs', 'float32', members.length * time);
    members.forEach((member, row) => {
      const { tokens, firstEntry = 0 } = batch[member] ?? { tokens: [] };
      const entries = tokens.length - 1;
      const logprobs = new Float32Array(entries);
      logprobs.set(data.subarray(row * time, row * time + entries - prefix), prefix);
      into[member] = logprobs.fill(0, 0, firstEntry);
    });
  }

  scalar(name: string): number {
    return this.buffer(name, 'float32', 1).data[0] ?? NaN;
  }

  /** What the queries at positions `before`, `before + 1`, ... do not see of the keys at 0, 1, ...: [time, before + time]. */
  #mask(name: string, window: number | null, time: number, before: number): Storage<'float32'> {
    const keys = before + time;
    const mask = this.buffer(name, 'float32', time * keys);
    const shape = `${time} ${keys}`;
    if (this.#maskShape.get(name) === shape) return mask;
    for (let query = 0; query < time; query++) {
      const position = before + query;
      for (let key = 0; key < keys; key++) mask.data[query * keys + key] = key > position || position - key >= (window ?? Infinity) ? MASKED : 0;
    }
    this.#maskShape.set(name, shape);
    return mask;
  }

  /** A buffer of at least `size` elements; grown, never shrunk. */
  buffer<D extends DType>(name: string, dtype: D, size: number): Storage<D> {
    const known = this.#buffers.get(name);
    if (known && known.elements >= size) return known as Storage<D>;
    known?.release();
    this.#maskShape.delete(name);
    const made = this.#runtime.allocate(dtype, [size]);
    this.#buffers.set(name, made);
    return made;
  }

  release(): void {
    for (const storage of this.#buffers.values()) storage.release();
  }
}
