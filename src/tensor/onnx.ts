/** Compiles a graph of symbolic tensors to an ONNX model. Only what the outputs need is emitted. */
import { R5Error } from '../error.ts';
import { dimFactors, formatShape, type Dim, type Shape } from './shape.ts';
import { encodeModel, type OnnxAttribute, type OnnxNode, type OnnxTensor, type OnnxValue } from './onnx-schema.ts';
import { inputPrimitive } from './source.ts';
import { at, type Attributes, type Emitter, type Node, type Tensor, type TensorType } from './tensor.ts';
import type { DType } from './dtype.ts';

const OPSET = 21;
const IR_VERSION = 10;

/** Codes of `TensorProto.DataType`. */
export const ONNX_TYPE: Readonly<Record<DType, number>> = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11 };

/** ONNX Runtime wants the file of external data to exist, even where it is given the memory and reads no file. See runtime/compile.ts. */
export const EXTERNAL_FILE = 'package.json';

const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** Attributes of ONNX operators that are floats even when their value is whole. */
const FLOAT_ATTRIBUTES = new Set(['alpha', 'beta', 'epsilon', 'scale', 'softcap']);

/** An ONNX model, and what it takes and gives, by name. */
export interface CompiledGraph {
  model: Uint8Array;
  inputs: Record<string, TensorType>;
  outputs: Record<string, TensorType>;
  /** Constants whose memory is given when the session is made (`Runtime.session`), by name. */
  initializers: readonly string[];
}

/**
 * Serializes the graph that computes `outputs`. Inputs are found by walking back from them. Throws when two inputs, or an input and an
 * output, share a name, or a symbol is in no input's shape.
 */
export function compile(outputs: Readonly<Record<string, Tensor>>): CompiledGraph {
  const nodes = reachable(Object.values(outputs));
  const inputs = inputsOf(nodes);
  for (const name of Object.keys(outputs)) {
    if (name in inputs) throw new R5Error(`An input and an output of the graph are both called '${name}'; give each its own name.`);
  }
  const emitter = new GraphEmitter(inputs);
  const names = new Map<Tensor, string>();
  for (const node of nodes) {
    const inputNames = node.inputs.map((tensor) => nameOf(names, tensor));
    const outputNames = node.primitive.lower(node, inputNames, emitter);
    node.outputs.forEach((tensor, index) => names.set(tensor, outputNames[index] ?? ''));
  }
  emitter.nameOutputs(Object.entries(outputs).map(([name, tensor]) => ({ name, value: nameOf(names, tensor) })));
  const model = encodeModel({
    irVersion: IR_VERSION,
    producerName: 'r5',
    opsetImport: [
      { domain: '', version: OPSET },
      { domain: 'com.microsoft', version: 1 },
    ],
    graph: {
      name: 'r5',
      node: emitter.nodes,
      initializer: emitter.constants,
      input: Object.entries(inputs).map(([name, type]) => valueInfo(name, type)),
      output: Object.entries(outputs).map(([name, type]) => valueInfo(name, type)),
    },
  });
  return { model, inputs, outputs: mapTypes(outputs), initializers: emitter.externals };
}

function mapTypes(tensors: Readonly<Record<string, Tensor>>): Record<string, TensorType> {
  return Object.fromEntries(Object.entries(tensors).map(([name, { shape, dtype }]) => [name, { shape, dtype }]));
}

function nameOf(names: ReadonlyMap<Tensor, string>, tensor: Tensor): string {
  const name = names.get(tensor);
  if (name === undefined) throw new Error(`${tensor.node.primitive.name} was not emitted before it was used`);
  return name;
}

/** Nodes that the tensors depend on, in topological order. */
export function reachable(tensors: readonly Tensor[]): Node[] {
  const seen = new Set<Node>();
  const pending = tensors.map((tensor) => tensor.node);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const tensor of node.inputs) pending.push(tensor.node);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

function inputsOf(nodes: readonly Node[]): Record<string, TensorType> {
  const inputs: Record<string, TensorType> = {};
  for (const node of nodes) {
    if (node.primitive.name !== inputPrimitive.name) continue;
    const { shape, dtype } = at(node.outputs, 0);
    const [name] = node.primitive.lower(node, [], NO_EMITTER);
    if (name === undefined) continue;
    if (name in inputs) throw new R5Error(`Two inputs of the graph are called '${name}'; give each its own name.`);
    inputs[name] = { shape, dtype };
  }
  return inputs;
}

function valueInfo(name: string, { shape, dtype }: TensorType): OnnxValue {
  const dim = shape.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }));
  return { name, type: { tensorType: { elemType: ONNX_TYPE[dtype], shape: { dim } } } };
}

class GraphEmitter implements Emitter {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxTensor[] = [];
  readonly externals: string[] = [];
  readonly #inputs: Readonly<Record<string, TensorType>>;
  readonly #shared = new Map<string, string>();
  #count = 0;

  constructor(inputs: Readonly<Record<string, TensorType>>) {
    this.#inputs = inputs;
  }

  node(op: string, inputs: readonly string[], attributes: Attributes = {}, options: { outputs?: number; domain?: string } = {}): string[] {
    const name = `${op}_${this.#count++}`;
    const output = Array.from({ length: options.outputs ?? 1 }, (_, i) => (i === 0 ? name : `${name}.${i}`));
    const attribute = Object.entries(attributes).map(([key, value]) => encodeAttribute(key, value));
    this.nodes.push({ name, opType: op, domain: options.domain ?? '', input: inputs, output, attribute });
    return output;
  }

  constant(dtype: DType, shape: readonly number[], values: readonly number[]): string {
    return this.#once(`constant ${dtype} ${shape.join()} ${values.join()}`, () => {
      const name = `constant_${this.#count++}`;
      this.constants.push({ name, dims: shape, dataType: ONNX_TYPE[dtype], rawData: rawBytes(dtype, values) });
      return name;
    });
  }

  external(name: string, dtype: DType, shape: readonly number[]): string {
    return this.#once(`external ${name}`, () => {
      const externalData = [{ key: 'location', value: EXTERNAL_FILE }];
      this.constants.push({ name, dims: shape, dataType: ONNX_TYPE[dtype], dataLocation: 1, externalData });
      this.externals.push(name);
      return name;
    });
  }

  shape(shape: Shape, { inferOne = false }: { inferOne?: boolean } = {}): string {
    if (shape.every((dim) => typeof dim === 'number')) return this.constant('int64', [shape.length], shape);
    const unknown = inferOne ? shape.findIndex((dim) => !this.#isKnown(dim)) : -1;
    const dims = shape.map((dim, axis) => (axis === unknown ? -1 : dim));
    return this.#once(`shape ${dims.join()}`, () => at(this.node('Concat', dims.map((dim) => this.#dim(dim)), { axis: 0 }), 0));
  }

  /** Gives values the names of graph outputs; a value that no node makes, or that is wanted twice, is copied. */
  nameOutputs(outputs: readonly { name: string; value: string }[]): void {
    const made = new Set(this.nodes.flatMap((node) => node.output));
    const renamed = new Map<string, string>();
    for (const { name, value } of outputs) {
      if (made.has(value) && !renamed.has(value)) renamed.set(value, name);
      else this.nodes.push({ name: `output ${name}`, opType: 'Identity', domain: '', input: [value], output: [name], attribute: [] });
    }
    const rename = (value: string) => renamed.get(value) ?? value;
    this.nodes.forEach((node, i) => {
      this.nodes[i] = { ...node, input: node.input.map(rename), output: node.output.map(rename) };
    });
  }

  #once(key: string, make: () => string): string {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#shared.set(key, made);
    return made;
  }

  /** A dimension as an int64 tensor of shape [1]. */
  #dim(dim: Dim): string {
    if (typeof dim === 'number') return this.constant('int64', [1], [dim]);
    return this.#once(`dim ${dim}`, () => {
      const whole = this.#inputDim(dim);
      if (whole !== undefined) return whole;
      const { coefficient, symbols } = dimFactors(dim);
      const factors = symbols.map((symbol) => this.#symbol(symbol));
      if (coefficient !== 1) factors.push(this.constant('int64', [1], [coefficient]));
      return factors.reduce((product, factor) => at(this.node('Mul', [product, factor]), 0));
    });
  }

  /** A dimension that some input has as it stands. */
  #inputDim(dim: Dim): string | undefined {
    for (const [name, { shape }] of Object.entries(this.#inputs)) {
      const axis = shape.indexOf(dim);
      if (axis >= 0) return at(this.node('Shape', [name], { start: axis, end: axis + 1 }), 0);
    }
    return undefined;
  }

  #isKnown(dim: Dim): boolean {
    const isInput = (part: Dim) => Object.values(this.#inputs).some(({ shape }) => shape.includes(part));
    return isInput(dim) || dimFactors(dim).symbols.every(isInput);
  }

  #symbol(symbol: string): string {
    return this.#once(`symbol ${symbol}`, () => {
      const known = this.#inputDim(symbol);
      if (known !== undefined) return known;
      const listed = Object.entries(this.#inputs).map(([name, type]) => `${name}${formatShape(type.shape)}`);
      throw new R5Error(`The symbolic dimension '${symbol}' is not a dimension of any input of the graph: ${listed.join(', ')}.`);
    });
  }
}

const NO_EMITTER: Emitter = new GraphEmitter({});

function encodeAttribute(name: string, value: number | string | readonly number[]): OnnxAttribute {
  if (typeof value === 'string') return { name, type: ATTRIBUTE_TYPE.string, s: new TextEncoder().encode(value) };
  if (typeof value !== 'number') return { name, type: ATTRIBUTE_TYPE.ints, ints: value };
  if (FLOAT_ATTRIBUTES.has(name)) return { name, type: ATTRIBUTE_TYPE.float, f: value };
  return { name, type: ATTRIBUTE_TYPE.int, i: value };
}

function rawBytes(dtype: DType, values: readonly number[]): Uint8Array {
  const array = typedArray(dtype, values);
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function typedArray(dtype: DType, values: readonly number[]) {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(values);
    case 'float64':
      return Float64Array.from(values);
    case 'int32':
      return Int32Array.from(values);
    case 'int64':
      return BigInt64Array.from(values, (value) => BigInt(value));
    case 'int8':
      return Int8Array.from(values);
    case 'bool':
    case 'uint8':
      return Uint8Array.from(values);
    case 'float16':
      throw new R5Error('Constants in float16 are not supported; make the constant in float32 and cast() it.');
  }
}
