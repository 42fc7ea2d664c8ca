/** The buffers of a model's parameters: values, for the trained ones gradient and Adam's moments, and frozen matrices in other formats. */
import { Random, hashText } from '../../random.ts';
import { drawLoraA, hasAdapter, loraNameA, loraNameB, type LoraOptions } from '../../model/lora.ts';
import { parameterSpecs } from '../../model/parameters.ts';
import { fitsBlocks, type WeightFormat } from '../../model/weight-format.ts';
import { StoredMatrix } from './stored-matrix.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Device } from '../../runtime/device.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { ParameterTarget } from '../../model/checkpoint.ts';
import type { Storage, TensorValue } from '../../runtime/storage.ts';
import type { ParameterChange } from '../engine.ts';

export interface TrainingState {
  gradient: Storage<'float32'>;
  /** Adam's running means of the gradient and of its square. */
  firstMoment: Storage<'float32'>;
  secondMoment: Storage<'float32'>;
}

export interface Parameter {
  name: string;
  /** In the engine's layout: linear weights [in, out]. */
  shape: readonly number[];
  value: Storage<'float32'>;
  /** Present exactly when the parameter is trained. */
  training?: TrainingState;
  /** True for the matrices of a low-rank adapter. */
  adapter: boolean;
}

/** Elements of a parameter that a snapshot keeps, evenly spread. */
const SNAPSHOT_ELEMENTS = 1024;

export interface ParameterOptions {
  /** Only adapters are trained. */
  lora: LoraOptions | undefined;
  /** Names the draws of the adapters. */
  seed: number;
  /** Nothing is trained. */
  frozen?: boolean;
  /** How frozen matrices are stored. Default f32. A matrix whose rows do not divide into blocks stays float32. */
  format?: WeightFormat;
}

export class Parameters {
  /** Those in float32. */
  readonly all: readonly Parameter[];
  /** Frozen matrices in other formats. */
  readonly stored: readonly StoredMatrix[];
  readonly format: WeightFormat;
  readonly device: Device;
  readonly #byName: ReadonlyMap<string, Parameter>;
  readonly #storedByName: ReadonlyMap<string, StoredMatrix>;
  #snapshot = new Map<Parameter | StoredMatrix, Float32Array>();

  /** Allocates everything zeroed. */
  constructor(runtime: Runtime, config: ModelConfig, { lora, seed, frozen = false, format = 'f32' }: ParameterOptions) {
    const all: Parameter[] = [];
    const stored: StoredMatrix[] = [];
    const add = (name: string, shape: readonly number[], trained: boolean, adapter: boolean): Parameter => {
      const parameter: Parameter = { name, shape, value: runtime.allocate('float32', shape), adapter };
      if (trained) {
        parameter.training = {
          gradient: runtime.allocate('float32', shape),
          firstMoment: runtime.allocate('float32', shape),
          secondMoment: runtime.allocate('float32', shape),
        };
      }
      all.push(parameter);
      return parameter;
    };
    for (const spec of parameterSpecs(config)) {
      const { name, internalShape, shape, kind } = spec;
      if (format !== 'f32' && kind !== 'vector' && (format === 'f16' || fitsBlocks(shape[1] ?? 0))) stored.push(new StoredMatrix(runtime, spec, format));
      else add(name, internalShape, lora === undefined && !frozen, false);
      const [inputWidth, outputWidth] = internalShape;
      if (lora === undefined || !hasAdapter(name) || inputWidth === undefined || outputWidth === undefined) continue;
      const a = add(loraNameA(name), [inputWidth, lora.rank], !frozen, true);
      add(loraNameB(name), [lora.rank, outputWidth], !frozen, true);
      drawLoraA(a.value.data, inputWidth, new Random(seed, hashText(name)));
    }
    this.all = all;
    this.stored = stored;
    this.format = format;
    this.device = runtime.device;
    this.#byName = new Map(all.map((parameter) => [parameter.name, parameter]));
    this.#storedByName = new Map(stored.map((matrix) => [matrix.name, matrix]));
  }

  get trained(): (Parameter & { training: TrainingState })[] {
    return this.all.flatMap((parameter) => (parameter.training ? [{ ...parameter, training: parameter.training }] : []));
  }

  get(name: string): Parameter {
    const parameter = this.#byName.get(name);
    if (!parameter) throw new Error(`no parameter ${name} in float32`);
    return parameter;
  }

  /** The matrix of this name, if it is stored in another format than float32. */
  storedMatrix(name: string): StoredMatrix | undefined {
    return this.#storedByName.get(name);
  }

  /** Where a checkpoint's values of a parameter go. */
  target(name: string): ParameterTarget {
    const matrix = this.#storedByName.get(name);
    return matrix ? (values) => matrix.setStored(values) : this.get(name).value.data;
  }

  /** A parameter's values in the engine's layout; a copy where it is not stored as float32. */
  float32(name: string): Float32Array {
    return this.#storedByName.get(name)?.values() ?? this.get(name).value.data;
  }

  /** Values of those in float32, by name. */
  values(): Record<string, TensorValue> {
    return Object.fromEntries(this.all.map(({ name, shape, value }) => [name, value.value(shape)]));
  }

  /** Zeroes the accumulated gradient. */
  forgetGradient(): void {
    for (const { training } of this.all) training?.gradient.data.fill(0);
  }

  /** Number of elements of the model itself, adapters apart. */
  get count(): number {
    const stored = this.stored.reduce((total, { elements }) => total + elements, 0);
    return this.all.reduce((total, { value, adapter }) => total + (adapter ? 0 : value.elements), stored);
  }

  /** Remembers where every parameter stands now; `changes` compares with it. */
  takeSnapshot(): void {
    this.#snapshot = new Map([...this.all, ...this.stored].map((parameter) => [parameter, sampleOf(parameter)]));
  }

  changes(): ParameterChange[] {
    return [...this.all, ...this.stored].map((parameter) => {
      const before = this.#snapshot.get(parameter);
      const now = sampleOf(parameter);
      let largest = 0;
      now.forEach((value, i) => {
        const change = Math.abs(value - (before?.[i] ?? 0));
        // NaN, once met, stays: it must not pass for "unchanged".
        if (!(change <= largest) && !Number.isNaN(largest)) largest = change;
      });
      return { name: parameter.name, trained: 'training' in parameter && parameter.training !== undefined, largest };
    });
  }

  release(): void {
    for (const matrix of this.stored) matrix.release();
    for (const { value, training } of this.all) {
      value.release();
      training?.gradient.release();
      training?.firstMoment.release();
      training?.secondMoment.release();
    }
  }
}

const sampleOf = (parameter: Parameter | StoredMatrix): Float32Array =>
  parameter instanceof StoredMatrix ? parameter.sample(SNAPSHOT_ELEMENTS) : sampleElements(parameter.value.data);

function sampleElements(data: Float32Array): Float32Array {
  const count = Math.min(SNAPSHOT_ELEMENTS, data.length);
  return Float32Array.from({ length: count }, (_, i) => data[Math.floor((i * data.length) / count)] ?? 0);
}
