/** The buffers of a model's parameters: values, and for the trained ones gradient and Adam's moments. */
import { Random, hashText } from '../../random.ts';
import { drawLoraA, hasAdapter, loraNameA, loraNameB, type LoraOptions } from '../../model/lora.ts';
import { parameterSpecs } from '../../model/parameters.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Storage } from '../../runtime/storage.ts';
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

export class Parameters {
  readonly all: readonly Parameter[];
  readonly #byName: ReadonlyMap<string, Parameter>;
  #snapshot = new Map<Parameter, Float32Array>();

  /** Allocates everything zeroed. With `lora` only the adapters are trained. */
  constructor(runtime: Runtime, config: ModelConfig, lora: LoraOptions | undefined, seed: number) {
    const all: Parameter[] = [];
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
    for (const { name, internalShape } of parameterSpecs(config)) {
      add(name, internalShape, lora === undefined, false);
      const [inputWidth, outputWidth] = internalShape;
      if (lora === undefined || !hasAdapter(name) || inputWidth === undefined || outputWidth === undefined) continue;
      const a = add(loraNameA(name), [inputWidth, lora.rank], true, true);
      add(loraNameB(name), [lora.rank, outputWidth], true, true);
      drawLoraA(a.value.data, inputWidth, new Random(seed, hashText(name)));
    }
    this.all = all;
    this.#byName = new Map(all.map((parameter) => [parameter.name, parameter]));
  }

  get trained(): (Parameter & { training: TrainingState })[] {
    return this.all.flatMap((parameter) => (parameter.training ? [{ ...parameter, training: parameter.training }] : []));
  }

  get(name: string): Parameter {
    const parameter = this.#byName.get(name);
    if (!parameter) throw new Error(`no parameter ${name}`);
    return parameter;
  }

  /** Zeroes the accumulated gradient. */
  forgetGradient(): void {
    for (const { training } of this.all) training?.gradient.data.fill(0);
  }

  /** Number of elements of the model itself, adapters apart. */
  get count(): number {
    return this.all.reduce((total, { value, adapter }) => total + (adapter ? 0 : value.elements), 0);
  }

  /** Remembers where every parameter stands now; `changes` compares with it. */
  takeSnapshot(): void {
    this.#snapshot = new Map(this.all.map((parameter) => [parameter, sampleElements(parameter.value.data)]));
  }

  changes(): ParameterChange[] {
    return this.all.map((parameter) => {
      const before = this.#snapshot.get(parameter);
      const now = sampleElements(parameter.value.data);
      let largest = 0;
      now.forEach((value, i) => {
        const change = Math.abs(value - (before?.[i] ?? 0));
        // NaN, once met, stays: it must not pass for "unchanged".
        if (!(change <= largest) && !Number.isNaN(largest)) largest = change;
      });
      return { name: parameter.name, trained: parameter.training !== undefined, largest };
    });
  }

  release(): void {
    for (const { value, training } of this.all) {
      value.release();
      training?.gradient.release();
      training?.firstMoment.release();
      training?.secondMoment.release();
    }
  }
}

function sampleElements(data: Float32Array): Float32Array {
  const count = Math.min(SNAPSHOT_ELEMENTS, data.length);
  return Float32Array.from({ length: count }, (_, i) => data[Math.floor((i * data.length) / count)] ?? 0);
}
