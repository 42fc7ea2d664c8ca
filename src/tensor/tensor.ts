/**
 * Symbolic tensors. Applying a primitive makes a node that knows the shapes and types of its results; nothing is computed until the
 * graph is compiled (onnx.ts) and run. A primitive is one object with three rules: shapes, gradient and lowering to ONNX, so adding one
 * is a local change. The design follows JAX's primitives.
 */
import { ShapeError, formatShape, type Shape } from './shape.ts';
import type { DType } from './dtype.ts';

export interface TensorType {
  shape: Shape;
  dtype: DType;
}

/** Receives the ONNX nodes of one graph. Values are ONNX names. */
export interface Emitter {
  /** Adds a node and returns the names of its results. `''` as an input stands for an optional input that is left out. */
  node(op: string, inputs: readonly string[], attributes?: Attributes, options?: { outputs?: number; domain?: string }): string[];
  /** A constant in the graph, shared between equal calls. */
  constant(dtype: DType, shape: readonly number[], values: readonly number[]): string;
  /** A constant whose memory is given when the session is made. */
  external(name: string, dtype: DType, shape: readonly number[]): string;
  /**
   * A one-dimensional int64 tensor that holds a shape; symbolic dimensions are read from the graph's inputs when it runs. With `inferOne`, one
   * dimension that no input has is left as -1, which a reshape works out.
   */
  shape(shape: Shape, options?: { inferOne?: boolean }): string;
}

export type Attributes = Readonly<Record<string, number | string | readonly number[]>>;

/** Attribute values: `{ float: 1 }` forces a float where a whole number would read as an ONNX integer. */
export interface Primitive<A = unknown> {
  name: string;
  infer: (inputs: readonly Tensor[], attributes: A) => readonly TensorType[];
  /** Gradients of the inputs, given those of the results; `undefined` where nothing flows. Absent: not differentiable. */
  gradient?: (node: Node<A>, outputGradients: readonly (Tensor | undefined)[]) => readonly (Tensor | undefined)[];
  /** Emits ONNX for the node; `inputs` are the names of its inputs. Returns the names of the results, in order. */
  lower: (node: Node<A>, inputs: readonly string[], emit: Emitter) => readonly string[];
}

export interface Node<A = unknown> {
  /** Grows with every node, so it orders nodes topologically. */
  readonly id: number;
  readonly primitive: Primitive<A>;
  readonly attributes: A;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

export interface Tensor extends TensorType {
  readonly node: Node;
  readonly index: number;
}

let nextId = 0;

/** Applies a primitive and returns its results. Throws `ShapeError` when the shapes do not fit. */
export function applyAll<A>(primitive: Primitive<A>, inputs: readonly Tensor[], attributes: A): readonly Tensor[] {
  const types = primitive.infer(inputs, attributes);
  const outputs: Tensor[] = [];
  const node: Node<A> = { id: nextId++, primitive, attributes, inputs, outputs };
  // A node is only ever handed to the rules of its own primitive, so forgetting the type of its attributes here is safe.
  types.forEach((type, index) => outputs.push({ ...type, node: node as Node, index }));
  return outputs;
}

/** Applies a primitive that has one result. */
export function apply<A>(primitive: Primitive<A>, inputs: readonly Tensor[], attributes: A): Tensor {
  return first(applyAll(primitive, inputs, attributes));
}

export function first<T>(items: readonly T[]): T {
  return at(items, 0);
}

/** Item `index` of a list that is known to have it. */
export function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`no item ${index} in a list of ${items.length}`);
  return item;
}

/** Throws unless the tensor has this many dimensions. */
export function expectRank(operation: string, tensor: Tensor, rank: number): void {
  if (tensor.shape.length !== rank) {
    throw new ShapeError(`${operation}: needs ${rank} dimensions, got shape ${formatShape(tensor.shape)}.`);
  }
}

/** Throws unless all tensors have one element type. */
export function expectSameType(operation: string, tensors: readonly Tensor[]): DType {
  const dtype = first(tensors).dtype;
  for (const tensor of tensors) {
    if (tensor.dtype !== dtype) {
      const listed = tensors.map((t) => `${t.dtype}${formatShape(t.shape)}`).join(', ');
      throw new ShapeError(`${operation}: operands differ in type: ${listed}. Use cast().`);
    }
  }
  return dtype;
}
