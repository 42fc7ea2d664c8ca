/** Compiles symbolic tensors and runs them on ONNX Runtime, with plain lists of numbers in and out. For tests. */
import { afterAll } from 'vitest';
import { Runtime } from '../runtime/runtime.ts';
import type { Session } from '../runtime/session.ts';
import type { Storage } from '../runtime/storage.ts';
import { compile, dimFactors, type Dim, type Shape, type Tensor, type TensorType } from './index.ts';

const runtime = Runtime.open({ threads: 1 });
afterAll(() => runtime.release());

/** Row-major elements; 0 and 1 for booleans. */
export interface NumberArray {
  shape: readonly number[];
  values: readonly number[];
}

/** A graph that is compiled once and run on many arrays. */
export class Program {
  readonly inputs: Record<string, TensorType>;
  readonly outputs: Record<string, TensorType>;
  readonly #session: Session;
  readonly #bound = new Map<string, Bound>();

  constructor(outputs: Readonly<Record<string, Tensor>>) {
    const graph = compile(outputs);
    this.inputs = graph.inputs;
    this.outputs = graph.outputs;
    this.#session = runtime.session(graph.model, { name: Object.keys(outputs).join() });
  }

  /** Elements of the outputs by name. Arrays that the graph does not read are left aside. */
  run(arrays: Readonly<Record<string, NumberArray>>): Record<string, number[]> {
    const fed = Object.keys(this.inputs).map((name) => {
      const array = arrays[name];
      if (!array) throw new Error(`the graph reads '${name}', and no array of that name was given`);
      return { name, array };
    });
    const key = fed.map(({ array }) => array.shape.join()).join(' ');
    const bound = this.#bound.get(key) ?? this.#bind(arrays);
    this.#bound.set(key, bound);
    for (const { name, array } of fed) write(bound.inputs[name], array.values);
    bound.run();
    return Object.fromEntries(Object.entries(bound.outputs).map(([name, storage]) => [name, read(storage)]));
  }

  #bind(arrays: Readonly<Record<string, NumberArray>>): Bound {
    const symbols = new Map<string, number>();
    for (const [name, { shape }] of Object.entries(this.inputs)) {
      shape.forEach((dim, axis) => typeof dim === 'string' && symbols.set(dim, arrays[name]?.shape[axis] ?? NaN));
    }
    const inputs = mapEntries(this.inputs, ({ dtype }, name) => allocate(dtype, arrays[name]?.shape ?? []));
    const outputs = mapEntries(this.outputs, ({ dtype, shape }) => allocate(dtype, resolveShape(shape, symbols)));
    const run = this.#session.bind(
      mapEntries(inputs, ({ value }) => value),
      mapEntries(outputs, ({ value }) => value),
    );
    return {
      inputs: mapEntries(inputs, ({ storage }) => storage),
      outputs: mapEntries(outputs, ({ storage }) => storage),
      run: () => run.runSync(),
    };
  }
}

/** Compiles and runs once. */
export function evaluate(
  outputs: Readonly<Record<string, Tensor>>,
  arrays: Readonly<Record<string, NumberArray>> = {},
): Record<string, number[]> {
  return new Program(outputs).run(arrays);
}

/** Elements of one tensor. */
export function evaluateOne(tensor: Tensor, arrays: Readonly<Record<string, NumberArray>> = {}): number[] {
  return evaluate({ result: tensor }, arrays).result ?? [];
}

interface Bound {
  inputs: Record<string, Storage>;
  outputs: Record<string, Storage>;
  run: () => void;
}

function allocate(dtype: TensorType['dtype'], shape: readonly number[]) {
  const storage: Storage = runtime.allocate(dtype, shape);
  return { storage, value: storage.value(shape) };
}

/** A shape with numbers for its symbols. */
export function resolveShape(shape: Shape, symbols: ReadonlyMap<string, number>): number[] {
  return shape.map((dim: Dim) => {
    const whole = symbols.get(String(dim));
    if (whole !== undefined) return whole;
    const factors = dimFactors(dim);
    return factors.symbols.reduce((product, symbol) => product * (symbols.get(symbol) ?? NaN), factors.coefficient);
  });
}

function write(storage: Storage | undefined, values: readonly number[]): void {
  if (!storage) throw new Error('no buffer to write');
  const { data } = storage;
  if (data.length !== values.length) throw new Error(`${values.length} values for a buffer of ${data.length}`);
  if (data instanceof BigInt64Array) data.set(values.map(BigInt));
  else data.set(values);
}

function read({ data }: Storage): number[] {
  return data instanceof BigInt64Array ? Array.from(data, Number) : Array.from(data);
}

function mapEntries<T, U>(record: Readonly<Record<string, T>>, change: (value: T, name: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}
